import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { explainQuery } from '../api/files'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { refusalOf } from '../ui/Why'
import { Editor } from './Editor'
import type { Placed } from './file'
import { kindOf, languageOf, type Kind } from './kinds'
import { textQuery } from './links'
import { Plain } from './Plain'
import type { Saving } from './save'
import type { Text } from './text'
import { Trouble } from './Trouble'

const CodeView = lazy(() => import('./CodeView').then(({ CodeView: it }) => ({ default: it })))
const MarkdownView = lazy(async () => {
  const [{ MarkdownView: View }, { default: gfm }] = await Promise.all([import('./MarkdownView'), import('remark-gfm')])
  const plugins = [gfm]
  return { default: ({ content }: { content: string }) => <View content={content} plugins={plugins} /> }
})
const TableView = lazy(() => import('./TableView').then(({ TableView: it }) => ({ default: it })))

/** Markdown of more characters than this is shown as it is written: drawing it would hold the page up. */
const MARKDOWN_CHARS_MAX = 300_000

interface Props extends Placed {
  saving: Saving
  onDirty: (dirty: boolean) => void
  /** The element that had the focus is gone. */
  onFocusLost: () => void
}

/** A text: drawn, as it is written, or being edited. */
export function TextView({ file, location, path, saving, onDirty, onFocusLost }: Props) {
  const query = textQuery(location, path, file.size)
  const { data: text, error, isFetching, refetch } = useQuery(query)
  const queries = useQueryClient()
  const [editing, setEditing] = useState(false)
  const [source, setSource] = useState(false)
  if (error) return <Trouble location={location} path={path} error={error} onRetry={() => void refetch()} />
  if (text === undefined || (isFetching && !editing)) return <Loading />
  const kind = drawnKind(file.name, text)
  if (editing) {
    return (
      <Editor
        file={file}
        location={location}
        path={path}
        text={text}
        saving={saving}
        onDirty={onDirty}
        onSaved={(saved) => queries.setQueryData(query.queryKey, saved)}
        onDone={(again) => {
          setEditing(false)
          onFocusLost()
          if (again) void refetch()
        }}
      />
    )
  }
  return (
    <>
      <div className="preview-tools">
        <Remarks text={text} />
        {kind === 'text' ? null : (
          <Button pressed={source} onPress={() => setSource(!source)}>
            {m.preview.asWritten()}
          </Button>
        )}
        <Edit location={location} path={path} text={text} onPress={() => setEditing(true)} />
      </div>
      <Suspense fallback={<Loading />}>
        <Drawn kind={source ? 'text' : kind} file={file} text={text} />
      </Suspense>
    </>
  )
}

function drawnKind(name: string, text: Text): Kind {
  const kind = kindOf(name)
  return kind === 'markdown' && text.content.length > MARKDOWN_CHARS_MAX ? 'text' : kind
}

function Drawn({ kind, file, text }: { kind: Kind; file: Placed['file']; text: Text }) {
  const written = <CodeView label={m.preview.contentsOf(file.shown)} name={file.name} content={text.content} language={languageOf(file.name)} />
  if (kind === 'markdown') {
    return (
      <Plain instead={written}>
        <div className="preview-scroll" role="region" aria-label={m.preview.contentsOf(file.shown)} tabIndex={0}>
          <MarkdownView content={text.content} />
        </div>
      </Plain>
    )
  }
  return kind === 'table' ? <TableView content={text.content} name={m.preview.contentsOf(file.shown)} /> : written
}

/** What is not as it seems: a part of the file, or bytes that are not UTF-8. */
function Remarks({ text }: { text: Text }) {
  return (
    <div className="preview-remarks">
      {text.cut ? <Notice tone="warn">{m.preview.cut()}</Notice> : null}
      {text.encoding === 'windows-1252' ? <Notice tone="warn">{m.preview.notUtf8()}</Notice> : null}
      {text.encoding === 'utf-16' ? <Notice tone="calm">{m.preview.utf16()}</Notice> : null}
    </div>
  )
}

function Edit({ location, path, text, onPress }: { location: string; path: string; text: Text; onPress: () => void }) {
  const { data, error } = useQuery(explainQuery(location, path, 's3:PutObject'))
  const reason = (): string | undefined => {
    if (text.cut) return m.preview.tooLongToEdit()
    if (text.encoding !== 'utf-8') return m.preview.onlyUtf8()
    if (text.etag === undefined) return m.preview.noVersion()
    if (data === undefined) return error ? describe(error) : m.common.loading()
    return data.allowed ? undefined : refusalOf(data.explanation)
  }
  return (
    <Button onPress={onPress} reason={reason()}>
      {m.preview.edit()}
    </Button>
  )
}
