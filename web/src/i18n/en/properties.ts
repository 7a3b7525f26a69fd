/** English: what a file has besides its bytes. */
import { count } from '../format'

export const properties = {
  type: () => 'Type',
  checksum: () => 'CRC-64/NVME',
  metadata: () => 'Metadata',
  noMetadata: () => 'None was written with this file.',
  editMetadata: () => 'Edit type and metadata',
  metadataOf: (name: string) => `Type and metadata of “${name}”`,
  metadataText: () => 'The store writes the file anew with the same content, so its time changes. Where versions are kept, the file as it is now stays as one.',
  metadataName: (n: number) => `Name of entry ${count(n)}`,
  metadataValue: (n: number) => `Value of entry ${count(n)}`,
  addMetadata: () => 'Add an entry',
  removeMetadata: (n: number) => `Remove entry ${count(n)}`,
  metadataSaved: (name: string) => `Type and metadata of “${name}” saved.`,
  tags: () => 'Tags',
  noTags: () => 'None yet.',
  editTags: () => 'Edit tags',
  tagsOf: (name: string) => `Tags of “${name}”`,
  tagsText: (n: number) => `At most ${count(n)} tags. Policies may speak of tags: who may do what with this file can depend on them.`,
  tagKey: (n: number) => `Key of tag ${count(n)}`,
  tagValue: (n: number) => `Value of tag ${count(n)}`,
  addTag: () => 'Add a tag',
  removeTag: (n: number) => `Remove tag ${count(n)}`,
  tagsSaved: (name: string) => `Tags of “${name}” saved.`,
}
