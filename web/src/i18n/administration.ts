/**
 * What is said to administrators alone. It comes with the pages that say it, in the language that is spoken, so that
 * nobody else waits for it: import it from no page that everybody sees.
 */
import { en } from './en/administration'
import { follow, type Language } from './messages'
import { guarded } from './visible'

export type AdministrationMessages = typeof en

/** Follows the language as `m` does. */
export let ma: AdministrationMessages = guarded(en)

/** When they are in the language that is spoken: pages that say them are shown then. */
export const ready = follow(async (language) => {
  const said = guarded(await messagesOf(language))
  return () => (ma = said)
})

async function messagesOf(language: Language): Promise<AdministrationMessages> {
  switch (language) {
    case 'en':
      return en
    case 'de':
      return (await import('./de/administration')).de
  }
}
