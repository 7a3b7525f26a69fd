import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ListX, X } from 'lucide-react'
import { useState } from 'react'
import { beginJob, cancelJob, isOpen, jobsQuery } from '../api/jobs'
import type { Job, NewJob } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Kept } from '../ui/kept'
import { describe, refused } from '../ui/problems'
import { toast } from '../ui/toasts'
import { useKept } from '../ui/useKept'
import { lastOf } from './again'
import { Failures } from './Failures'
import { useEnded } from './useEnded'

/** Jobs that somebody has read about; the server forgets them after a week. */
const dismissed = new Kept<readonly string[]>('jobs-dismissed', (raw) =>
  Array.isArray(raw) ? raw.filter((id) => typeof id === 'string') : [],
)
const DISMISSED_MAX = 200

function dismiss(id: string): void {
  dismissed.set([id, ...dismissed.get()].slice(0, DISMISSED_MAX))
}

/** All jobs that are under way or need a look, wherever the person goes, and after a reload. */
export function JobTray() {
  const { data: jobs } = useQuery(jobsQuery)
  const read = useKept(dismissed)
  const [looking, setLooking] = useState<string>()
  const queries = useQueryClient()
  useEnded(jobs)
  const shown = (jobs ?? []).filter((job) => isOpen(job) || (needsLook(job) && !read.includes(job.id)))
  const refresh = (): void => void queries.invalidateQueries({ queryKey: jobsQuery.queryKey })
  const begin = (forms: readonly NewJob[]): void => {
    // They are shown as they began: what ends before the next look has been seen then.
    Promise.all(forms.map(beginJob)).then(
      (begun) => queries.setQueryData(jobsQuery.queryKey, (all = []) => [...begun, ...all]),
      (error: unknown) => toast(describe(error)),
    )
  }
  const cancel = (id: string): void => {
    cancelJob(id).then(refresh, (error: unknown) => toast(describe(error)))
  }
  if (shown.length === 0) return null
  return (
    <section className="tray tray-jobs" aria-label={m.jobs.title()}>
      <header>
        <h2>{m.jobs.title()}</h2>
      </header>
      <ul className="jobs" tabIndex={0} aria-label={m.jobs.title()}>
        {shown.map((job) => (
          <li key={job.id}>
            <JobRow job={job} onCancel={() => cancel(job.id)} onLook={() => setLooking(job.id)} />
          </li>
        ))}
      </ul>
      {looking === undefined ? null : (
        <Failures
          id={looking}
          onAgain={(forms) => {
            dismiss(looking)
            begin(forms)
          }}
          onClose={() => setLooking(undefined)}
        />
      )}
    </section>
  )
}

function needsLook(job: Job): boolean {
  return job.failed > 0 || job.status === 'stopped' || job.status === 'cancelled'
}

function JobRow({ job, onCancel, onLook }: { job: Job; onCancel: () => void; onLook: () => void }) {
  const doing = m.jobs.doing(job.kind, lastOf(job.paths[0] ?? '').replace(/\/$/, ''), job.path_count)
  const ended = job.done + job.skipped + job.failed
  const percent = job.total === 0 ? 0 : Math.floor((ended * 100) / job.total)
  const line = lineOf(job, ended)
  return (
    <div className="upload" data-state={isOpen(job) ? 'uploading' : 'failed'}>
      <div className="upload-top">
        <span className="name" title={doing}>
          {doing}
        </span>
        {job.failed > 0 && !isOpen(job) ? (
          <Button look="quiet" onPress={onLook}>
            <ListX size={16} aria-hidden />
            {m.jobs.details()}
          </Button>
        ) : null}
        {isOpen(job) ? (
          <Button look="quiet" label={m.jobs.cancel(doing)} onPress={onCancel} reason={job.cancelling ? m.jobs.cancelling() : undefined}>
            <X size={15} aria-hidden />
          </Button>
        ) : (
          <Button look="quiet" label={m.jobs.dismiss(doing)} onPress={() => dismiss(job.id)}>
            <X size={15} aria-hidden />
          </Button>
        )}
      </div>
      <div className="bar" role="progressbar" aria-label={doing} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} aria-valuetext={line}>
        <div style={{ width: `${percent}%` }} />
      </div>
      <div className="upload-line" title={line}>
        {line}
      </div>
    </div>
  )
}

function lineOf(job: Job, ended: number): string {
  if (job.cancelling) return m.jobs.cancelling()
  switch (job.status) {
    case 'planning':
      return m.jobs.planning(job.total)
    case 'running':
      return m.jobs.progress(ended, job.total)
    case 'cancelled':
      return m.jobs.cancelled(job.kind, job.total - job.done)
    case 'stopped':
      return `${m.jobs.stopped(job.reason ? refused(job.reason.code, job.reason.detail) : '')} ${m.jobs.progress(ended, job.total)}`
    case 'done':
      return [m.jobs.failed(job.failed), ...(job.skipped > 0 ? [m.jobs.skipped(job.skipped)] : []), m.jobs.progress(job.done, job.total)].join(', ')
  }
}
