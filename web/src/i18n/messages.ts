/** The messages in use. English is there from the start, and is the type that other languages must fill; they are loaded when they are chosen. */
import { en } from './en'
import { writeFor } from './format'
import { guarded } from './visible'

export type Messages = typeof en

export type Language = 'en' | 'de'

/** Each in its own words. */
export const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
]

/** Follows the language: take messages from it when they are shown, and never keep one. Names in them are made visible. */
export let m: Messages = guarded(en)

let spoken: Language = 'en'
const listeners = new Set<() => void>()

/** Fetches what else is said in a language; what it gives is called when all of it is there. */
type Follower = (chosen: Language) => Promise<() => void>

const followers = new Set<Follower>()

export function language(): Language {
  return spoken
}

export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Has other messages follow the language, beginning with the present one; if that cannot be fetched, they stay as they are. */
export async function follow(follower: Follower): Promise<void> {
  followers.add(follower)
  await follower(spoken).then(
    (swap) => swap(),
    () => undefined,
  )
}

/** From now on everything is said and written in this language. */
export async function speak(chosen: Language): Promise<void> {
  const [messages, ...others] = await Promise.all([messagesOf(chosen), ...[...followers].map((fetched) => fetched(chosen))])
  m = messages
  for (const swap of others) swap()
  spoken = chosen
  writeFor(chosen)
  for (const listener of listeners) listener()
}

async function messagesOf(chosen: Language): Promise<Messages> {
  switch (chosen) {
    case 'en':
      return guarded(en)
    case 'de':
      return guarded((await import('./de')).de)
  }
}
