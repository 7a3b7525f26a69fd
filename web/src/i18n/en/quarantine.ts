/** English: the page of what the scan for malware holds back. */
import { count } from '../format'

export const quarantine = {
  pageText: (onlyClean: boolean): string =>
    onlyClean
      ? 'Files in which the scan for malware found something, and files that it could not scan. Nobody but administrators can open them.'
      : 'Files in which the scan for malware found something: nobody but administrators can open them. Files that it could not scan are listed, too, and can be opened.',
  off: () => 'Files are not scanned for malware: no scanner is set up.',
  waiting: (n: number) => (n === 1 ? '1 file waits to be scanned.' : `${count(n)} files wait to be scanned.`),
  failing: (n: number) => `${count(n)} of them were tried: the scanner may be away.`,
  found: (n: number) => (n === 1 ? '1 file is infected' : `${count(n)} files are infected`),
  failed: () => 'What was found could not be loaded',
  none: () => 'Nothing is held back',
  noneText: () => 'What the scanner finds is shown here.',
  file: () => 'File',
  finding: () => 'Finding',
  when: () => 'Found',
  releasing: () => 'Is being released',
  release: () => 'Release',
  releaseTitle: (name: string) => `Release “${name}”`,
  releaseText: () => 'From then on everybody who may read this place can open the file, whatever the scanner said. Do this only if you know that it is harmless.',
  released: (name: string) => `“${name}” is released.`,
  remove: () => 'Delete',
  removeTitle: (name: string) => `Delete “${name}” for ever`,
  removeText: () => 'This version of the file is deleted and cannot be brought back. Other versions of it stay.',
  removed: (name: string) => `“${name}” is deleted.`,
}
