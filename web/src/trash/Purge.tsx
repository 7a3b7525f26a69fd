import { useState, type FormEvent } from 'react'
import { m } from '../i18n/messages'
import { visibleName } from '../i18n/visible'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'

interface Props {
  paths: readonly string[]
  onConfirm: (confirm: string) => void
  onClose: () => void
}

/** What is typed: the name of the one, or how many. The server asks for the same. */
export function wordFor(paths: readonly string[]): string {
  const [only] = paths
  if (only === undefined || paths.length > 1) return String(paths.length)
  const inner = only.replace(/\/$/, '')
  return inner.slice(inner.lastIndexOf('/') + 1)
}

/** Asks for a word before something is gone for ever. */
export function Purge({ paths, onConfirm, onClose }: Props) {
  const [typed, setTyped] = useState('')
  const word = wordFor(paths)
  // What is hidden in a name is spelt out, and nobody could type it otherwise.
  const fits = typed === word || typed === visibleName(word)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!fits) return
    onConfirm(word)
    onClose()
  }
  return (
    <Dialog title={m.trash.purgeTitle(paths.length)} onClose={onClose} alert>
      <p>{m.trash.purgeText()}</p>
      <form onSubmit={submit} noValidate>
        <Field label={m.trash.purgeType(word)} value={typed} onChange={setTyped} required autoFocus />
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="danger" type="submit" reason={fits ? undefined : m.trash.purgeType(word)}>
            {m.trash.purge()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
