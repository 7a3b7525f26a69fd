/** How much lies in a folder, as far as one may list it. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'

export function folderUsageQuery(id: string, path: string) {
  return queryOptions({
    queryKey: ['folder-usage', id, path],
    queryFn: ({ signal }) => take(client.GET('/api/v1/locations/{id}/usage', { params: { path: { id }, query: { path } }, signal })),
    // Whoever comes back sees what happened meanwhile.
    staleTime: 0,
  })
}
