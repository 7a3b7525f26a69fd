import { useQuery } from '@tanstack/react-query'
import { Pencil, Tag as TagIcon } from 'lucide-react'
import { useState } from 'react'
import { propertiesQuery } from '../api/properties'
import type { FileEntry, Properties as Known } from '../api/types'
import { m } from '../i18n/messages'
import { AskAccess } from '../ui/AskAccess'
import { Button } from '../ui/Button'
import { describe } from '../ui/problems'
import { useSettled } from '../ui/useSettled'
import { Why } from '../ui/Why'
import { EditMetadata } from './EditMetadata'
import { EditTags } from './EditTags'
import { Fact } from './Fact'

interface Props {
  location: string
  path: string
  file: FileEntry
}

/** The type, the metadata and the tags of a file. Asked for when the selection has rested for a moment. */
export function Properties({ location, path, file }: Props) {
  const rested = useSettled(path)
  const { data, error } = useQuery({ ...propertiesQuery(location, path, file.etag), enabled: rested })
  if (error) return <p className="why soft">{describe(error)}</p>
  if (data === undefined) return null
  const metadata = Object.entries(data.metadata)
  return (
    <>
      <dl className="facts">
        {data.scan === null ? null : <Fact term={m.scan.fact()} value={m.scan.said(data.scan)} />}
        {headersOf(data).map(([term, value]) => (
          <Fact key={term} term={term} value={value} mono />
        ))}
      </dl>
      <h3>{m.properties.metadata()}</h3>
      {metadata.length === 0 ? null : (
        <dl className="facts">
          {metadata.map(([name, value]) => (
            <Fact key={name} term={name} value={value} mono />
          ))}
        </dl>
      )}
      {metadata.length === 0 ? <p className="soft small">{m.properties.noMetadata()}</p> : null}
      <Metadata location={location} path={path} known={data} />
      <h3>{m.properties.tags()}</h3>
      <Tags location={location} path={path} known={data} />
    </>
  )
}

function headersOf(known: Known): (readonly [string, string])[] {
  const all: (readonly [string, string | null])[] = [
    [m.properties.type(), known.content_type],
    [m.properties.checksum(), known.checksum],
    ['Content-Encoding', known.content_encoding],
    ['Cache-Control', known.cache_control],
    ['Content-Disposition', known.content_disposition],
    ['Content-Language', known.content_language],
  ]
  return all.flatMap(([term, value]) => (value === null ? [] : [[term, value] as const]))
}

function Metadata({ location, path, known }: { location: string; path: string; known: Known }) {
  const [editing, setEditing] = useState(false)
  const mayWrite = known.may_write_metadata
  if (!mayWrite.allowed) {
    return (
      <div className="reason">
        <h4>{m.properties.editMetadata()}</h4>
        <Why {...mayWrite} />
        <AskAccess location={location} path={path} place={path} action="s3:PutObject" />
      </div>
    )
  }
  return (
    <>
      <Button onPress={() => setEditing(true)}>
        <Pencil size={15} aria-hidden />
        {m.properties.editMetadata()}
      </Button>
      {editing ? <EditMetadata location={location} path={path} known={known} onClose={() => setEditing(false)} /> : null}
    </>
  )
}

function Tags({ location, path, known }: { location: string; path: string; known: Known }) {
  const [editing, setEditing] = useState(false)
  const { tags, may_read_tags: mayRead, may_write_tags: mayWrite } = known
  if (tags === null) {
    return (
      <div className="reason">
        <Why {...mayRead} />
        <AskAccess location={location} path={path} place={path} action="s3:GetObjectTagging" />
      </div>
    )
  }
  return (
    <>
      {tags.length === 0 ? <p className="soft small">{m.properties.noTags()}</p> : null}
      <ul className="tags" aria-label={m.properties.tags()}>
        {tags.map(({ key, value }) => (
          <li key={key} className="pill">
            {value === '' ? key : `${key}: ${value}`}
          </li>
        ))}
      </ul>
      {mayWrite.allowed ? (
        <Button onPress={() => setEditing(true)}>
          <TagIcon size={15} aria-hidden />
          {m.properties.editTags()}
        </Button>
      ) : (
        <div className="reason">
          <h4>{m.properties.editTags()}</h4>
          <Why {...mayWrite} />
          <AskAccess location={location} path={path} place={path} action="s3:PutObjectTagging" />
        </div>
      )}
      {editing ? <EditTags location={location} path={path} tags={tags} onClose={() => setEditing(false)} /> : null}
    </>
  )
}
