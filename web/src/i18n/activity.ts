/** What is said of activity alone. It comes with its page, in the language that is spoken. */
import { activity as en } from './en/activity'
import { follow, type Language } from './messages'
import { guarded } from './visible'

export type ActivityMessages = typeof en

/** Follows the language as `m` does. */
export let mActivity: ActivityMessages = guarded(en)

/** When they are in the language that is spoken: the page is shown then. */
export const ready = follow(async (language) => {
  const said = guarded(await messagesOf(language))
  return () => (mActivity = said)
})

async function messagesOf(language: Language): Promise<ActivityMessages> {
  switch (language) {
    case 'en':
      return en
    case 'de':
      return (await import('./de/activity')).activity
  }
}
