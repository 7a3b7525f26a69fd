/** Deutsch: was eine Datei außer ihren Bytes hat. */
import { count } from '../format'
import type { Messages } from '../messages'

export const properties: Messages['properties'] = {
  type: () => 'Typ',
  checksum: () => 'CRC-64/NVME',
  metadata: () => 'Metadaten',
  noMetadata: () => 'Mit dieser Datei wurden keine geschrieben.',
  metadataFixed: () => 'Metadaten werden mit der Datei geschrieben und lassen sich nicht für sich ändern. Eine neue Version, die die Datei ersetzt, behält sie.',
  tags: () => 'Tags',
  noTags: () => 'Noch keine.',
  editTags: () => 'Tags bearbeiten',
  tagsOf: (name: string) => `Tags von „${name}“`,
  tagsText: (n: number) => `Höchstens ${count(n)} Tags. Richtlinien können von Tags sprechen: Wer was mit dieser Datei darf, kann von ihnen abhängen.`,
  tagKey: (n: number) => `Schlüssel von Tag ${count(n)}`,
  tagValue: (n: number) => `Wert von Tag ${count(n)}`,
  addTag: () => 'Tag hinzufügen',
  removeTag: (n: number) => `Tag ${count(n)} entfernen`,
  tagsSaved: (name: string) => `Die Tags von „${name}“ sind gespeichert.`,
}
