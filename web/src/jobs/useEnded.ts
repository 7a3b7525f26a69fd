import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { beginJob, fateOf, isOpen, jobsQuery, pathsOf } from '../api/jobs'
import { noteRemoved } from '../api/listings'
import type { Job } from '../api/types'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

/** All that it names is gone: the folders need not be read anew to know it. */
function isDeleted({ kind, status, failed, skipped }: Job): boolean {
  return kind === 'delete' && status === 'done' && failed === 0 && skipped === 0
}

/** Says what ended since it was last looked at, and has its folders show it. */
export function useEnded(jobs: readonly Job[] | undefined): void {
  const queries = useQueryClient()
  /** When each was first seen to be open. */
  const open = useRef(new Map<string, number>())
  useEffect(() => {
    for (const job of jobs ?? []) {
      const since = open.current.get(job.id)
      if (isOpen(job)) open.current.set(job.id, since ?? Date.now())
      else if (since !== undefined && open.current.delete(job.id)) ended(job, since)
    }
    function ended(job: Job, since: number): void {
      const paths = pathsOf(job)
      const gone = isDeleted(job) ? paths : undefined
      if (gone !== undefined) noteRemoved(queries, job.location, gone, since)
      for (const location of new Set([job.location, job.to?.location ?? job.location])) {
        if (gone === undefined) void queries.invalidateQueries({ queryKey: ['entries', location] })
        void queries.invalidateQueries({ queryKey: ['trash', location] })
        void queries.invalidateQueries({ queryKey: ['past', location] })
      }
      if (job.done > 0) void say(job)
      else if (job.status === 'done' && job.failed === 0 && job.unchanged > 0) toast(m.jobs.unchanged(job.unchanged))
    }
    async function say(job: Job): Promise<void> {
      const told = m.jobs.done(job.kind, job.done)
      if (job.kind !== 'delete') return toast(told)
      // Nothing is offered that would do nothing, or be refused.
      const first = job.paths[0] ?? ''
      const folder = first.replace(/\/$/, '').slice(0, first.replace(/\/$/, '').lastIndexOf('/') + 1)
      const { kept, back, retention } = await fateOf(queries, job.location, folder)
      const text = kept && retention !== null ? `${told} ${m.trash.kept(retention.days)}` : told
      if (back) toast(text, () => undo(job))
      else toast(text)
    }
    function undo({ location, id }: Job): void {
      beginJob({ kind: 'restore', location, undoes: id }).then(
        (job) => queries.setQueryData(jobsQuery.queryKey, (all = []) => [job, ...all]),
        (error: unknown) => toast(describe(error)),
      )
    }
  }, [jobs, queries])
}
