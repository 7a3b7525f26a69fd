import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { createFolder } from '../api/files'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { isBadName } from './paths'

interface Props {
  location: string
  folder: string
  taken: (name: string) => boolean
  onClose: () => void
}

export function NewFolder({ location, folder, taken, onClose }: Props) {
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: () => createFolder(location, `${folder}${name.trim()}/`),
    onSuccess: () => {
      toast(m.files.folderMade(name.trim()))
      void queries.invalidateQueries({ queryKey: ['entries', location, folder] })
      onClose()
    },
  })
  const wrong = problemWith(name, taken)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (wrong === undefined) create.mutate()
  }
  const error = tried ? (wrong ?? (create.error ? describe(create.error) : undefined)) : undefined
  return (
    <Dialog title={m.files.newFolder()} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field label={m.files.folderName()} value={name} onChange={setName} error={error} required autoFocus />
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="primary" type="submit" pending={create.isPending}>
            {m.files.create()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function problemWith(name: string, taken: (name: string) => boolean): string | undefined {
  if (isBadName(name)) return m.files.folderNameBad()
  return taken(name.trim()) ? m.files.folderExists() : undefined
}
