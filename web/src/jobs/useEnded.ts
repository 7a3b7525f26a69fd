import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { beginJob, isOpen, isRestorable, jobsQuery } from '../api/jobs'
import type { Job } from '../api/types'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

/** Says what ended since it was last looked at, and has its folders read anew. */
export function useEnded(jobs: readonly Job[] | undefined): void {
  const queries = useQueryClient()
  const open = useRef(new Set<string>())
  useEffect(() => {
    for (const job of jobs ?? []) {
      if (isOpen(job)) open.current.add(job.id)
      else if (open.current.delete(job.id)) ended(job)
    }
    function ended(job: Job): void {
      for (const location of new Set([job.location, job.to?.location ?? job.location])) {
        void queries.invalidateQueries({ queryKey: ['entries', location] })
        void queries.invalidateQueries({ queryKey: ['trash', location] })
      }
      if (job.done > 0) void say(job)
    }
    async function say(job: Job): Promise<void> {
      const told = m.jobs.done(job.kind, job.done)
      if (job.kind !== 'delete') return toast(told)
      // Nothing is offered that would do nothing, or be refused.
      const first = job.paths[0] ?? ''
      const folder = first.replace(/\/$/, '').slice(0, first.replace(/\/$/, '').lastIndexOf('/') + 1)
      if (await isRestorable(job.location, folder)) toast(told, () => undo(job))
      else toast(told)
    }
    function undo({ location, id }: Job): void {
      beginJob({ kind: 'restore', location, undoes: id }).then(
        (job) => queries.setQueryData(jobsQuery.queryKey, (all = []) => [job, ...all]),
        (error: unknown) => toast(describe(error)),
      )
    }
  }, [jobs, queries])
}
