/** Jobs over many files, and what is in the trash. */
import { experimental_streamedQuery as streamedQuery, infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { client, take } from './client'
import type { Job, NewJob, Retention, TrashEntry, TrashPage } from './types'

/** How often a job that is under way is looked at. */
const EVERY_MS = 700

/** What one request may name. */
export const JOB_PATHS_MAX = 1000

export function isOpen(job: Job): boolean {
  return job.status === 'planning' || job.status === 'running'
}

/** The newest jobs; whoever has more than a page of them is shown these. */
export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/jobs', { signal }))).jobs,
  refetchInterval: (query) => (query.state.data?.some(isOpen) === true ? EVERY_MS : false),
})

/** A job with what failed, page by page. */
export function jobQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ['jobs', id],
    queryFn: ({ pageParam, signal }) => {
      const query = pageParam === null ? {} : { cursor: pageParam }
      return take(client.GET('/api/v1/jobs/{id}', { params: { path: { id }, query }, signal }))
    },
    initialPageParam: firstPage(),
    getNextPageParam: ({ next }) => next,
  })
}

function firstPage(): string | null {
  return null
}

/** What the jobs are for that this page began: lists name a few paths of each. */
const begun = new Map<string, readonly string[]>()

export async function beginJob(body: NewJob): Promise<Job> {
  const job = await take(client.POST('/api/v1/jobs', { body }))
  begun.set(job.id, body.paths ?? [])
  return job
}

/** All the paths of a job that is over, where they are known. */
export function pathsOf({ id, paths, path_count: count }: Job): readonly string[] | undefined {
  const all = begun.get(id)
  begun.delete(id)
  return paths.length === count ? paths : all
}

export async function cancelJob(id: string): Promise<Job> {
  return take(client.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } }))
}

/** What becomes of what is deleted in a folder. */
export interface Fate {
  /** Whether its versions are kept. */
  kept: boolean
  /** Whether whoever deletes it can bring it back. */
  back: boolean
  /** How long; null, where they may not know. */
  retention: Retention | null
}

const GONE: Fate = { kept: false, back: false, retention: null }

/** Whether a bucket keeps versions, and what somebody may do, seldom changes: it is asked once in a while, not each time. */
const FATE_MS = 300_000

/** What becomes of what is deleted there, as the bucket is set up. */
export function fateQuery(id: string, path: string) {
  return queryOptions({
    queryKey: ['fate', id, path],
    staleTime: FATE_MS,
    queryFn: async ({ signal }): Promise<Fate> => {
      const call = client.GET('/api/v1/locations/{id}/trash', { params: { path: { id }, query: { path } }, signal })
      const { versioned: kept, may, retention } = await take(call)
      return { kept, back: kept && may.restore.allowed, retention }
    },
  })
}

/** The same; where it is not sure, it is gone. */
export function fateOf(queries: QueryClient, id: string, path: string): Promise<Fate> {
  return queries.fetchQuery(fateQuery(id, path)).catch(() => GONE)
}

export interface TrashListing {
  entries: readonly TrashEntry[]
  may: TrashPage['may'] | undefined
  /** How long it is kept; undefined, where that is not known. */
  retention: Retention | undefined
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
      initialValue: { entries: [], may: undefined, retention: undefined, complete: false },
      reducer: ({ entries }, page) => ({
        entries: [...entries, ...page.entries],
        may: page.may,
        retention: page.versioned ? (page.retention ?? undefined) : undefined,
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
