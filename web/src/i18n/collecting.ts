/** What is said of file requests. It comes with the pages that say it, in the language that is spoken. */
import { en } from './en/collecting'
import { follow, type Language } from './messages'
import { guarded } from './visible'

export type CollectingMessages = typeof en

/** Follows the language as `m` does. */
export let mc: CollectingMessages = guarded(en)

/** When they are in the language that is spoken: pages that say them are shown then. */
export const ready = follow(async (language) => {
  const said = guarded(await messagesOf(language))
  return () => (mc = said)
})

async function messagesOf(language: Language): Promise<CollectingMessages> {
  switch (language) {
    case 'en':
      return en
    case 'de':
      return (await import('./de/collecting')).de
  }
}
