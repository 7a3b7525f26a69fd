import { putTags } from '../api/properties'
import type { Tag } from '../api/types'
import { m } from '../i18n/messages'
import { Pairs, usePairs } from './Pairs'
import { nameOf } from './paths'
import { Saving } from './Saving'

/** As many as S3 takes. */
const TAGS_MAX = 10

interface Props {
  location: string
  path: string
  tags: readonly Tag[]
  onClose: () => void
}

/** The tags of a file, to be written anew. */
export function EditTags({ location, path, tags, onClose }: Props) {
  const pairs = usePairs(
    tags.map(({ key, value }) => [key, value]),
    TAGS_MAX,
  )
  const words = { name: m.properties.tagKey, value: m.properties.tagValue, add: m.properties.addTag, remove: m.properties.removeTag }
  const save = (): Promise<void> =>
    putTags(
      location,
      path,
      pairs.kept.map(([key, value]) => ({ key, value })),
    )
  return (
    <Saving title={m.properties.tagsOf(nameOf(path))} saved={m.properties.tagsSaved(nameOf(path))} {...{ location, path, save, onClose }}>
      <p className="soft">{m.properties.tagsText(TAGS_MAX)}</p>
      <Pairs of={pairs} words={words} first />
    </Saving>
  )
}
