/** How the house stands, and the document of what is in force. */
import { queryOptions } from '@tanstack/react-query'
import type { Language } from '../i18n/messages'
import { client, take } from './client'
import type { Posture } from './types'

export function postureQuery(language: Language) {
  return queryOptions({
    queryKey: ['posture', language],
    queryFn: ({ signal }) => take(client.GET('/api/v1/posture', { params: { query: { language } }, signal })),
  })
}

/** Has everything looked at now. */
export function checkPosture(language: Language): Promise<Posture> {
  return take(client.POST('/api/v1/posture/checks', { params: { query: { language } } }))
}

export const documentationQuery = queryOptions({
  queryKey: ['documentation'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/documentation', { signal })),
  // It says what is in force now.
  staleTime: 0,
})

/** Where the document can be had as a file. */
export function documentationFile(format: 'markdown' | 'html'): string {
  return `/api/v1/documentation/export?format=${format}`
}
