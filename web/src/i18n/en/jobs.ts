/** English: renaming, moving, copying, the trash. */
import { count, counted, plural } from '../format'

const doing = {
  copy: 'Copying',
  move: 'Moving',
  delete: 'Deleting',
  restore: 'Restoring',
  purge: 'Deleting for ever',
  'restore-past': 'Bringing back',
} as const

const done = {
  copy: 'copied',
  move: 'moved',
  delete: 'deleted',
  restore: 'restored',
  purge: 'deleted for ever',
  'restore-past': 'brought back to that moment',
} as const

type Kind = keyof typeof doing

export const jobs = {
  title: () => 'Tasks',
  doing: (kind: Kind, name: string, n: number) => `${doing[kind]} ${n === 0 ? 'everything' : n === 1 ? `“${name}”` : counted(n, 'item', 'items')}`,
  planning: (n: number) => (n === 0 ? 'Looking…' : `Looking… ${counted(n, 'file', 'files')} so far`),
  progress: (ended: number, total: number) => `${count(ended)} of ${counted(total, 'file', 'files')}`,
  cancelling: () => 'Stopping…',
  cancel: (name: string) => `Stop: ${name}`,
  done: (kind: Kind, n: number) => `${counted(n, 'file', 'files')} ${done[kind]}.`,
  skipped: (n: number) => `${count(n)} left out`,
  failed: (n: number) => `${counted(n, 'file', 'files')} failed`,
  /** Of those that are to be made what they were. */
  unchanged: (n: number) => `${counted(n, 'file is', 'files are')} as ${plural(n, 'it was', 'they were')} already.`,
  cancelled: (kind: Kind, n: number) =>
    kind === 'restore-past'
      ? `Stopped. ${counted(n, 'file was', 'files were')} not brought back.`
      : `Stopped. ${counted(n, 'file is', 'files are')} where ${plural(n, 'it was', 'they were')}.`,
  stopped: (why: string) => `Broken off: ${why}`,
  details: () => 'What failed',
  dismiss: (name: string) => `Dismiss: ${name}`,
  exists: (n: number) => `${counted(n, 'file is', 'files are')} already there`,
  existsText: () => 'Replacing puts the new one in its place; what is there now can be had again only where the bucket keeps versions. Keeping both gives the new one another name.',
  decide: () => 'Decide',
  more: (n: number) => `…and ${count(n)} more`,
}

export const moving = {
  rename: () => 'Rename',
  newName: (name: string) => `New name for ${name}`,
  cut: () => 'Cut',
  copy: () => 'Copy',
  paste: (n: number) => (n === 0 ? 'Paste' : `Paste ${counted(n, 'item', 'items')}`),
  nothingToPaste: () => 'Cut or copy something first.',
  wasCut: (n: number) => `${counted(n, 'item', 'items')} cut. Paste ${plural(n, 'it', 'them')} where ${plural(n, 'it belongs', 'they belong')}.`,
  wasCopied: (n: number) => `${counted(n, 'item', 'items')} to be copied. Paste ${plural(n, 'it', 'them')} in a folder.`,
  moveTo: () => 'Move to…',
  copyTo: () => 'Copy to…',
  moveTitle: (n: number) => `Move ${counted(n, 'item', 'items')} to`,
  copyTitle: (n: number) => `Copy ${counted(n, 'item', 'items')} to`,
  moveHere: () => 'Move here',
  copyHere: () => 'Copy here',
  folders: () => 'Folders',
  noFolders: () => 'There are no folders in it.',
  nameTaken: (name: string) => `There is already something called “${name}” here.`,
  deleteForOthers: () => 'You cannot undo this yourself, for you may not read older versions; whoever may can bring it back.',
  deleteForGood: () => 'Deleting it cannot be undone here: no older versions are kept, or you may not read them.',
}

export const trash = {
  title: (name: string) => `Trash of ${name}`,
  link: () => 'Trash',
  text: () => 'Where the bucket keeps versions, what was deleted stays here until it is deleted for ever.',
  empty: () => 'Nothing is in the trash',
  failed: () => 'The trash could not be loaded',
  deleted: () => 'Deleted',
  restore: () => 'Restore',
  purge: () => 'Delete for ever',
  purgeTitle: (n: number) => `Delete ${counted(n, 'item', 'items')} for ever?`,
  purgeText: () => 'Every version of it is removed from the store. Nobody can bring it back.',
  purgeType: (word: string) => `Type ${word} to go on`,
  select: (path: string) => `Select ${path}`,
  all: () => 'Select all',
  allOf: (n: number) => `Select the first ${count(n)}`,
  more: (n: number) => `Show ${count(n)} more`,
  shown: (n: number, total: number) => (n === total ? `All ${counted(total, 'item', 'items')} shown` : `${count(n)} of ${counted(total, 'item', 'items')} shown`),
  /** Of what was deleted just now. */
  kept: (days: number | null) => (days === null ? 'It is kept until it is deleted for ever.' : `It is kept ${counted(days, 'day', 'days')}.`),
  stays: (days: number | null) => (days === null ? 'What was deleted stays here until it is deleted for ever.' : `What was deleted is kept ${counted(days, 'day', 'days')}.`),
  older: (newest: number, days: number) => `Of a file’s older versions ${plural(newest, 'the newest one stays', `the newest ${count(newest)} stay`)}, the others are kept ${counted(days, 'day', 'days')}.`,
  back: () => 'Back to the folder',
  tooMany: (n: number) => `Select at most ${count(n)} at once.`,
  looking: (n: number) => `${count(n)} found, still looking…`,
}
