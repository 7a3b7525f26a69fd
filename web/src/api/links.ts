/** Links by which somebody without an account fetches what one may read. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { LinkRules, MadeShareLink, NewShareLink, ShareLinks } from './types'

const KEY = 'links'

/** All that is known of links is asked for anew once one of them has changed. */
export const linksKey: readonly [string] = [KEY]

/** What making a link is called among what is under way. */
export const makeLinkKey: readonly [string] = ['make-link']

type Cursor = string | null

const first: Cursor = null

const paged = { initialPageParam: first, getNextPageParam: (page: ShareLinks) => page.next }

export const ownLinksQuery = infiniteQueryOptions({
  ...paged,
  queryKey: [KEY, 'own'],
  queryFn: ({ pageParam, signal }) => take(client.GET('/api/v1/links', { params: { query: pageParam === null ? {} : { cursor: pageParam } }, signal })),
})

/** Everybody's, for administrators. */
export const allLinksQuery = infiniteQueryOptions({
  ...paged,
  queryKey: [KEY, 'all'],
  queryFn: ({ pageParam, signal }) => take(client.GET('/api/v1/links/all', { params: { query: pageParam === null ? {} : { cursor: pageParam } }, signal })),
})

/** One's own links to one thing, and what links there may be. */
export function linksHereQuery(location: string, path: string) {
  return queryOptions({
    queryKey: [KEY, 'here', location, path],
    queryFn: ({ signal }) => take(client.GET('/api/v1/locations/{id}/links', { params: { path: { id: location }, query: { path } }, signal })),
  })
}

export function makeLink(body: NewShareLink): Promise<MadeShareLink> {
  return take(client.POST('/api/v1/links', { body }))
}

export function revokeLink(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/links/{id}', { params: { path: { id } } }))
}

export const linkRulesQuery = queryOptions({
  queryKey: [KEY, 'rules'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/link-rules', { signal })),
})

export function saveLinkRules(body: LinkRules): Promise<LinkRules> {
  return take(client.PUT('/api/v1/link-rules', { body }))
}
