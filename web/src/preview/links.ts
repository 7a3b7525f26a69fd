/** Short-lived links to the bytes of a file, from the store's own origin. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from '../api/client'
import { downloadUrl } from '../api/files'
import { readText } from './text'

/** Never from a cache: what is shown is what the store has, and the store asks again whether it may be seen. */
const FRESH = { staleTime: Infinity, gcTime: 0, retry: false, refetchOnReconnect: false, refetchOnWindowFocus: false } as const

async function viewUrl(id: string, path: string, version: string | undefined): Promise<string> {
  const body = { path, inline: true, ...(version === undefined ? {} : { version }) }
  return (await take(client.POST('/api/v1/locations/{id}/downloads', { params: { path: { id } }, body }))).url
}

/** A link under which the browser shows a picture, a recording or a PDF; of one of its versions, where that is said. */
export function viewQuery(location: string, path: string, version?: string) {
  return queryOptions({ queryKey: ['preview', location, path, version], queryFn: () => viewUrl(location, path, version), ...FRESH })
}

/** The text of one of its versions. */
export function textOfVersionQuery(location: string, path: string, { version, size }: { version: string; size: number }) {
  return queryOptions({
    queryKey: ['preview-text', location, path, version],
    queryFn: async ({ signal }) => readText(await downloadUrl(location, path, version), size, signal),
    ...FRESH,
  })
}

/** The text of a file. Its link saves and does not show, wherever it may end up. */
export function textQuery(location: string, path: string, size: number) {
  return queryOptions({
    queryKey: ['preview-text', location, path],
    queryFn: async ({ signal }) => readText(await downloadUrl(location, path), size, signal),
    ...FRESH,
  })
}
