/** Who can reach a place, and what a person can reach. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'

export interface WhoAsked {
  /** Empty: the house's first. */
  bucket: string
  key: string
  /** Only persons whose names hold this. */
  name: string
  /** How many persons come before the first that is shown. */
  from: number
}

export function whoQuery({ bucket, key, name, from }: WhoAsked) {
  return queryOptions({
    queryKey: ['reach', 'who', bucket, key, name, from],
    queryFn: ({ signal }) => take(client.GET('/api/v1/access/who', { params: { query: { ...(bucket === '' ? {} : { bucket }), key, name, from } }, signal })),
    // It is worth what grants and policies are now.
    staleTime: 0,
  })
}

export function whatQuery(uid: string) {
  return queryOptions({
    queryKey: ['reach', 'what', uid],
    queryFn: ({ signal }) => take(client.GET('/api/v1/people/{uid}/reach', { params: { path: { uid } }, signal })),
    staleTime: 0,
  })
}
