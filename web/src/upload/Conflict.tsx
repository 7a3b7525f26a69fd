import { useState } from 'react'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Dialog } from '../ui/Dialog'
import { uploads } from './browser'
import { nameOf, variantOf, type ConflictAnswer, type UploadItem } from './items'

/** Asks about the first file that is already there; no byte of it has been sent yet. */
export function Conflict({ items }: { items: readonly UploadItem[] }) {
  const [toAll, setToAll] = useState(false)
  const waiting = items.filter((item) => item.state.kind === 'conflict')
  const [item] = waiting
  if (item?.state.kind !== 'conflict') return null
  const { existing } = item.state
  const answer = (what: ConflictAnswer): void => uploads.answer(item.key, what, toAll)
  return (
    <Dialog title={m.conflict.title(nameOf(item.path))} onClose={() => answer('skip')} alert>
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
      <p className="soft">{m.conflict.text(variantOf(nameOf(item.path), 2))}</p>
      <Tick value={toAll} onChange={setToAll}>
        {m.conflict.toAll(waiting.length)}
      </Tick>
      <div className="foot">
        <Button onPress={() => answer('skip')} autoFocus>
          {m.conflict.skip()}
        </Button>
        <Button onPress={() => answer('keep-both')}>{m.conflict.keepBoth()}</Button>
        <Button look="primary" onPress={() => answer('replace')}>
          {m.conflict.replace()}
        </Button>
      </div>
    </Dialog>
  )
}
