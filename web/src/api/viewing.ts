/** Seeing as somebody else. */
import { client, finish, take } from './client'
import type { ViewingForm } from './types'

/** Needs a fresh proof. From then on this session may only look. */
export async function seeAs(body: ViewingForm): Promise<void> {
  await take(client.POST('/api/v1/viewing', { body }))
}

export function endViewing(): Promise<void> {
  return finish(client.DELETE('/api/v1/viewing'))
}
