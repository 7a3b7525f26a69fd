/** English: what a file has besides its bytes. */
import { count } from '../format'

export const properties = {
  type: () => 'Type',
  checksum: () => 'CRC-64/NVME',
  metadata: () => 'Metadata',
  noMetadata: () => 'None was written with this file.',
  metadataFixed: () => 'Metadata is written with a file and cannot be changed by itself. A new version that replaces the file keeps it.',
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
