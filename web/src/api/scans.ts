/** What the scan for malware holds back. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'

export const scansQuery = queryOptions({
  queryKey: ['scans'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/scans', { signal })),
})

export function releaseFile(id: string): Promise<void> {
  return finish(client.POST('/api/v1/scans/{id}/release', { params: { path: { id } } }))
}

export function deleteFinding(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/scans/{id}', { params: { path: { id } } }))
}
