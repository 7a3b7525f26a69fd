/** What is said of how much lies in a folder. It comes with its page, in the language that is spoken. */
import { folderUsage as en } from './en/folder-usage'
import { follow, type Language } from './messages'
import { guarded } from './visible'

export type FolderUsageMessages = typeof en

/** Follows the language as `m` does. */
export let mFolderUsage: FolderUsageMessages = guarded(en)

/** When they are in the language that is spoken: the page is shown then. */
export const ready = follow(async (language) => {
  const said = guarded(await messagesOf(language))
  return () => (mFolderUsage = said)
})

async function messagesOf(language: Language): Promise<FolderUsageMessages> {
  switch (language) {
    case 'en':
      return en
    case 'de':
      return (await import('./de/folder-usage')).folderUsage
  }
}
