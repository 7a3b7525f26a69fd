import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { putMetadata } from '../api/properties'
import type { Properties } from '../api/types'
import { m } from '../i18n/messages'
import { Field } from '../ui/Field'
import { Pairs, usePairs } from './Pairs'
import { nameOf } from './paths'
import { Saving } from './Saving'

/** More rows than S3 has room for in its 2 KiB. */
const ROWS_MAX = 100

/** As HTTP calls them, in every language. */
const HEADERS = [
  ['cache_control', 'Cache-Control'],
  ['content_disposition', 'Content-Disposition'],
  ['content_language', 'Content-Language'],
] as const

interface Props {
  location: string
  path: string
  known: Properties
  onClose: () => void
}

/** The type, the headers and the metadata of a file, to be written anew. */
export function EditMetadata({ location, path, known, onClose }: Props) {
  const [headers, setHeaders] = useState({
    content_type: known.content_type ?? '',
    cache_control: known.cache_control ?? '',
    content_disposition: known.content_disposition ?? '',
    content_language: known.content_language ?? '',
  })
  const pairs = usePairs(Object.entries(known.metadata), ROWS_MAX)
  const queries = useQueryClient()
  const words = { name: m.properties.metadataName, value: m.properties.metadataValue, add: m.properties.addMetadata, remove: m.properties.removeMetadata }
  const save = async (): Promise<void> => {
    await putMetadata(location, { path, etag: known.etag, ...headers }, pairs.kept)
    // It was written anew: its time is another.
    void queries.invalidateQueries({ queryKey: ['entries', location] })
  }
  return (
    <Saving title={m.properties.metadataOf(nameOf(path))} saved={m.properties.metadataSaved(nameOf(path))} {...{ location, path, save, onClose }}>
      <p className="soft">{m.properties.metadataText()}</p>
      <Field label={m.properties.type()} value={headers.content_type} onChange={(content_type) => setHeaders({ ...headers, content_type })} autoFocus />
      {HEADERS.map(([field, label]) => (
        <Field key={field} label={label} value={headers[field]} onChange={(value) => setHeaders({ ...headers, [field]: value })} />
      ))}
      <h3>{m.properties.metadata()}</h3>
      <Pairs of={pairs} words={words} first={false} />
    </Saving>
  )
}
