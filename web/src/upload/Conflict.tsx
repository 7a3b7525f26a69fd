import { m } from '../i18n/messages'
import { ConflictQuestion } from '../ui/ConflictQuestion'
import { uploads } from './browser'
import { nameOf, variantOf, type UploadItem } from './items'

/** Asks about the first file that is already there; no byte of it has been sent yet. */
export function Conflict({ items }: { items: readonly UploadItem[] }) {
  const waiting = items.filter((item) => item.state.kind === 'conflict')
  const [item] = waiting
  if (item?.state.kind !== 'conflict') return null
  const { existing } = item.state
  return (
    <ConflictQuestion
      title={m.conflict.title(nameOf(item.path))}
      waiting={waiting.length}
      text={m.conflict.text(variantOf(nameOf(item.path), 2))}
      onAnswer={(answer, toAll) => uploads.answer(item.key, answer, toAll)}
    >
      <dl className="facts">
        <div>
          <dt>{m.conflict.here()}</dt>
          <dd>{existing === undefined ? m.conflict.unknown() : m.conflict.facts(existing.size, existing.modified)}</dd>
        </div>
        <div>
          <dt>{m.conflict.yours()}</dt>
          <dd>{m.conflict.facts(item.size, item.lastModified)}</dd>
        </div>
      </dl>
    </ConflictQuestion>
  )
}
