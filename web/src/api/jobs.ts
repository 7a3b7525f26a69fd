/** Jobs over many files, and what is in the trash. */
import { experimental_streamedQuery as streamedQuery, queryOptions, type QueryClient } from '@tanstack/react-query'
import { client, take } from './client'
import type { Job, NewJob, TrashEntry, TrashPage } from './types'

/** How often a job that is under way is looked at. */
const EVERY_MS = 700

/** What one request may name. */
export const JOB_PATHS_MAX = 1000

export function isOpen(job: Job): boolean {
  return job.status === 'planning' || job.status === 'running'
}

export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/jobs', { signal }))).jobs,
  refetchInterval: (query) => (query.state.data?.some(isOpen) === true ? EVERY_MS : false),
})

/** A job with what failed. */
export function jobQuery(id: string) {
  return queryOptions({
    queryKey: ['jobs', id],
    queryFn: ({ signal }) => take(client.GET('/api/v1/jobs/{id}', { params: { path: { id } }, signal })),
  })
}

export function beginJob(body: NewJob): Promise<Job> {
  return take(client.POST('/api/v1/jobs', { body }))
}

export async function cancelJob(id: string): Promise<Job> {
  return take(client.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } }))
}

/** Whether a bucket keeps versions, and what somebody may do, seldom changes: it is asked once in a while, not each time. */
const RESTORABLE_MS = 300_000

/** Whether what is deleted in a folder can be brought back by whoever deletes it. */
function restorableQuery(id: string, path: string) {
  return queryOptions({
    queryKey: ['restorable', id, path],
    staleTime: RESTORABLE_MS,
    queryFn: async () => {
      const call = client.GET('/api/v1/locations/{id}/trash', { params: { path: { id }, query: { path } } })
      const { versioned, may } = await take(call)
      return versioned && may.restore.allowed
    },
  })
}

/** Where it is not sure, it is not. */
export function isRestorable(queries: QueryClient, id: string, path: string): Promise<boolean> {
  return queries.fetchQuery(restorableQuery(id, path)).catch(() => false)
}

export interface TrashListing {
  entries: readonly TrashEntry[]
  may: TrashPage['may'] | undefined
  complete: boolean
}

/** All that is deleted below a folder, page after page. */
export function trashQuery(location: string, path: string) {
  return queryOptions({
    queryKey: ['trash', location, path],
    structuralSharing: false,
    queryFn: streamedQuery<TrashPage, TrashListing>({
      streamFn: ({ signal }) => pages(location, path, signal),
      refetchMode: 'replace',
      initialValue: { entries: [], may: undefined, complete: false },
      reducer: ({ entries }, page) => ({
        entries: [...entries, ...page.entries],
        may: page.may,
        complete: (page.next ?? null) === null,
      }),
    }),
  })
}

async function* pages(id: string, path: string, signal: AbortSignal): AsyncGenerator<TrashPage> {
  let cursor: string | undefined
  do {
    const query = cursor === undefined ? { path } : { path, cursor }
    const page: TrashPage = await take(
      client.GET('/api/v1/locations/{id}/trash', { params: { path: { id }, query }, signal }),
    )
    yield page
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}
