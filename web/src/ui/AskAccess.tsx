import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { askAccess, ownRequestsQuery } from '../api/access-requests'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { Dialog } from './Dialog'
import { Field } from './Field'
import { Notice } from './Notice'
import { describe } from './problems'
import { toast } from './toasts'

interface Props {
  location: string
  /** Of a file or folder in it; empty for the location itself. */
  path: string
  /** What people call the place. */
  place: string
  action: string
}

/** A button beside a refusal, and the dialog that it opens. */
export function AskAccess(props: Props) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button look="plain" onPress={() => setOpen(true)}>
        {m.asking.ask()}
      </Button>
      {open ? <Asking {...props} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

function Asking({ location, path, place, action, onClose }: Props & { onClose: () => void }) {
  const [note, setNote] = useState('')
  const queries = useQueryClient()
  const ask = useMutation({
    mutationFn: () => askAccess(location, { path, action, ...(note.trim() === '' ? {} : { note }) }),
    onSuccess: async () => {
      toast(m.asking.sent())
      onClose()
      await queries.invalidateQueries({ queryKey: ownRequestsQuery.queryKey })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    ask.mutate()
  }
  return (
    <Dialog title={m.asking.title()} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <p>{m.asking.text(m.asking.action(action), place)}</p>
        {ask.error ? <Notice tone="bad">{describe(ask.error)}</Notice> : null}
        <Field label={m.asking.note()} hint={m.asking.noteHint()} value={note} onChange={setNote} autoFocus />
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="primary" type="submit" pending={ask.isPending}>
            {m.asking.send()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
