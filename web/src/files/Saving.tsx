import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FormEvent, ReactNode } from 'react'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

interface Props {
  title: string
  location: string
  path: string
  save: () => Promise<void>
  saved: string
  onClose: () => void
  children: ReactNode
}

/** A dialog in which something that a file has besides its bytes is written anew. */
export function Saving({ title, location, path, save, saved, onClose, children }: Props) {
  const queries = useQueryClient()
  const saving = useMutation({
    mutationFn: save,
    onSuccess: () => {
      toast(saved)
      void queries.invalidateQueries({ queryKey: ['properties', location, path] })
      onClose()
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    saving.mutate()
  }
  return (
    <Dialog title={title} onClose={onClose} wide>
      <form onSubmit={submit} noValidate>
        {children}
        {saving.error ? (
          <p role="alert" className="field-error">
            {describe(saving.error)}
          </p>
        ) : null}
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="primary" type="submit" pending={saving.isPending}>
            {m.common.save()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
