/** English: searching by name. */
import { count, counted, dateTime } from '../format'

type Kind = 'folder' | 'image' | 'video' | 'audio' | 'document' | 'spreadsheet' | 'presentation' | 'archive' | 'text' | 'other'

const KINDS: Readonly<Record<Kind, string>> = {
  folder: 'Folders',
  image: 'Pictures',
  video: 'Films',
  audio: 'Sound',
  document: 'Documents',
  spreadsheet: 'Spreadsheets',
  presentation: 'Slides',
  archive: 'Archives',
  text: 'Text and code',
  other: 'Other files',
}

export const search = {
  title: () => 'Search',
  text: () => 'Files and folders in all your locations, by their names.',
  label: () => 'Search all locations',
  words: () => 'Words in the name',
  hint: () => 'Every word is in the path, and one in the name.',
  go: () => 'Search',
  inAll: (words: string) => `Search all locations for “${words}”`,
  section: () => 'Everywhere',
  filters: () => 'Filters',
  kind: () => 'Kind',
  anyKind: () => 'Any kind',
  kinds: (kind: Kind) => KINDS[kind],
  location: () => 'Location',
  anyLocation: () => 'All locations',
  inFolder: (folder: string) => `Only in ${folder}`,
  everywhere: () => 'Search everywhere',
  size: () => 'Size',
  anySize: () => 'Any size',
  atLeast: (size: string) => `${size} or more`,
  since: () => 'Changed on or after',
  until: () => 'Changed on or before',
  begin: () => 'Write a word to search for',
  beginText: () => 'Names are found wherever you may look: a part of a word is enough.',
  none: () => 'Nothing was found',
  noneText: () => 'No file or folder that you may see is called so. Try fewer letters, or fewer filters.',
  noneYet: () => 'Nothing was found yet',
  failed: () => 'The search failed',
  results: () => 'What was found',
  found: (n: number, more: boolean) => (more ? `The first ${count(n)} results` : counted(n, 'result', 'results')),
  partial: () => 'Not everything has been looked through yet. More may be found in a moment.',
  older: (at: string) => `As it was at ${dateTime(at)}. What changed since may be missing.`,
  more: () => 'More results',
  preview: (name: string) => `Look at ${name}`,
  download: (name: string) => `Download ${name}`,
}
