/** Jobs for what was already there: the same objects once more, as the person decided. */
import type { JobConflict, JobDetail, NewJob } from '../api/types'

/** `b/` of `a/b/`, `c` of `a/c`. */
export function lastOf(path: string): string {
  const inner = path.replace(/\/$/, '')
  return path.slice(inner.lastIndexOf('/') + 1)
}

/** Whether more failed than the server lists. */
export function isCut(job: JobDetail): boolean {
  return job.failures.length < job.failed
}

/**
 * One job for each folder that something is brought to. Where the server lists only some of what failed, the whole is asked for
 * again: what was moved is not there any more, and what is replaced by itself stays as it is.
 */
export function again(job: JobDetail, conflict: JobConflict): NewJob[] {
  const whole = isCut(job) && (job.kind === 'move' || conflict === 'replace')
  if (whole && job.to !== null) return [{ kind: job.kind, location: job.location, paths: job.paths, to: job.to, conflict }]
  const paths = job.failures.filter(({ code }) => code === 'file-exists').map(({ path }) => path)
  const { kind, location, to } = job
  if (to === null) return paths.length === 0 ? [] : [{ kind, location, paths, conflict }]
  const byFolder = new Map<string, { paths: string[]; name: string | undefined }>()
  for (const path of paths) {
    const asked = job.paths.find((one) => one === path || (one.endsWith('/') && path.startsWith(one)))
    if (asked === undefined) continue
    const whole = asked === path
    const top = to.folder + (to.name === null || to.name === undefined ? lastOf(asked) : `${to.name}/`)
    const rest = path.slice(asked.length)
    const folder = whole ? to.folder : top + rest.slice(0, rest.lastIndexOf('/') + 1)
    const known = byFolder.get(folder) ?? { paths: [], name: whole ? (to.name ?? undefined) : undefined }
    byFolder.set(folder, { ...known, paths: [...known.paths, path] })
  }
  return [...byFolder].map(([folder, { paths: some, name }]) => ({
    kind,
    location,
    paths: some,
    conflict,
    to: { location: to.location, folder, ...(name === undefined ? {} : { name }) },
  }))
}
