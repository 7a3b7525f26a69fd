import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { putTags } from '../api/properties'
import type { Tag } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { nameOf } from './paths'

/** As many as S3 takes. */
const TAGS_MAX = 10

interface Props {
  location: string
  path: string
  tags: readonly Tag[]
  onClose: () => void
}

interface Row extends Tag {
  id: number
}

/** The tags of a file, to be written anew. */
export function EditTags({ location, path, tags, onClose }: Props) {
  const [rows, setRows] = useState<readonly Row[]>(() => [...tags, { key: '', value: '' }].slice(0, TAGS_MAX).map(({ key, value }, id) => ({ key, value, id })))
  const queries = useQueryClient()
  const kept = rows.map(({ key, value }) => ({ key: key.trim(), value: value.trim() })).filter(({ key, value }) => key !== '' || value !== '')
  const save = useMutation({
    mutationFn: () => putTags(location, path, kept),
    onSuccess: () => {
      toast(m.properties.tagsSaved(nameOf(path)))
      void queries.invalidateQueries({ queryKey: ['properties', location, path] })
      onClose()
    },
  })
  const change = (id: number, news: Partial<Tag>): void => setRows(rows.map((row) => (row.id === id ? { ...row, ...news } : row)))
  const add = (): void => setRows([...rows, { key: '', value: '', id: Math.max(-1, ...rows.map((row) => row.id)) + 1 }])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Dialog title={m.properties.tagsOf(nameOf(path))} onClose={onClose} wide>
      <form onSubmit={submit} noValidate>
        <p className="soft">{m.properties.tagsText(TAGS_MAX)}</p>
        {rows.map((row, index) => (
          <TagFields key={row.id} row={row} n={index + 1} onChange={change} onRemove={() => setRows(rows.filter(({ id }) => id !== row.id))} />
        ))}
        {rows.length < TAGS_MAX ? (
          <Button onPress={add}>
            <Plus size={15} aria-hidden />
            {m.properties.addTag()}
          </Button>
        ) : null}
        {save.error ? (
          <p role="alert" className="field-error">
            {describe(save.error)}
          </p>
        ) : null}
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="primary" type="submit" pending={save.isPending}>
            {m.common.save()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function TagFields({ row, n, onChange, onRemove }: { row: Row; n: number; onChange: (id: number, news: Partial<Tag>) => void; onRemove: () => void }) {
  return (
    <div className="tag-fields">
      <Field label={m.properties.tagKey(n)} value={row.key} onChange={(key) => onChange(row.id, { key })} required autoFocus={n === 1} />
      <Field label={m.properties.tagValue(n)} value={row.value} onChange={(value) => onChange(row.id, { value })} />
      <Button look="quiet" label={m.properties.removeTag(n)} onPress={onRemove}>
        <X size={16} aria-hidden />
      </Button>
    </div>
  )
}
