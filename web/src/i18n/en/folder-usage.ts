/** English: how much lies in a folder. It comes with the page that says it. */
import { count, counted, dateTime } from '../format'

export const folderUsage = {
  title: (name: string) => `Usage of ${name}`,
  text: () => 'How much lies in this folder and below each folder in it, the largest first: of current versions, as far as you may list them.',
  way: () => 'Way to this folder',
  back: () => 'Open the folder',
  total: (size: string, files: number, folders: number) => `${size} in ${counted(files, 'file', 'files')}; ${counted(folders, 'folder', 'folders')} in this one.`,
  asOf: (at: string) => `As of ${dateTime(at)}.`,
  incomplete: () => 'Not everything could be looked at: this is the least that is there. Go into a folder to see what is in it.',
  unsure: () => 'Folders are left out of which only the store knows whether you may list them, for instance by where you are. This is the least that is there.',
  failed: () => 'How much is here could not be found out',
  none: () => 'Nothing is here',
  noneText: () => 'What is uploaded into this folder is counted here.',
  table: (name: string) => `What is in ${name}`,
  name: () => 'Name',
  share: () => 'Share',
  size: () => 'Size',
  files: () => 'Files',
  shareOf: (name: string, share: number) => `${name}: ${share} % of this folder`,
  leftOut: (n: number) => `And ${count(n)} more, which are smaller. They are in the sum.`,
}
