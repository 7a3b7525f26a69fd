/** Deutsch: was eine Datei außer ihren Bytes hat. */
import { count } from '../format'
import type { Messages } from '../messages'

export const properties: Messages['properties'] = {
  type: () => 'Typ',
  checksum: () => 'CRC-64/NVME',
  metadata: () => 'Metadaten',
  noMetadata: () => 'Mit dieser Datei wurden keine geschrieben.',
  editMetadata: () => 'Typ und Metadaten bearbeiten',
  metadataOf: (name: string) => `Typ und Metadaten von „${name}“`,
  metadataText: () => 'Der Speicher schreibt die Datei mit demselben Inhalt neu, ihre Zeit ändert sich also. Wo Versionen aufbewahrt werden, bleibt die Datei, wie sie jetzt ist, als eine davon.',
  metadataName: (n: number) => `Name von Eintrag ${count(n)}`,
  metadataValue: (n: number) => `Wert von Eintrag ${count(n)}`,
  addMetadata: () => 'Eintrag hinzufügen',
  removeMetadata: (n: number) => `Eintrag ${count(n)} entfernen`,
  metadataSaved: (name: string) => `Typ und Metadaten von „${name}“ sind gespeichert.`,
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
