import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useRef, useState, type KeyboardEvent } from 'react'
import { isProblem } from '../api/problem'
import { propertiesQuery } from '../api/properties'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Loading, Notice } from '../ui/Notice'
import { toast } from '../ui/toasts'
import { Changed } from './Changed'
import type { Placed } from './file'
import { languageOf } from './kinds'
import { saveCopy, saveText, type Saving } from './save'
import type { Text } from './text'
import { sentenceFor } from './Trouble'

const CodeView = lazy(() => import('./CodeView').then(({ CodeView: it }) => ({ default: it })))

interface Props extends Placed {
  text: Text
  saving: Saving
  onDirty: (dirty: boolean) => void
  onSaved: (text: Text) => void
  /** Editing is over; `again` if the file is to be read anew. */
  onDone: (again: boolean) => void
}

type Asking = { kind: 'nothing' } | { kind: 'discard' } | { kind: 'changed'; mine: string }

/** A text in an editor. It is written only over the bytes that were read. */
export function Editor({ file, location, path, text, saving, onDirty, onSaved, onDone }: Props) {
  const queries = useQueryClient()
  const [first] = useState(text.content)
  const mine = useRef(text.content)
  const [dirty, setDirty] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [asking, setAsking] = useState<Asking>({ kind: 'nothing' })

  const note = (content: string): void => {
    mine.current = content
    mark(content !== text.content)
  }
  const mark = (now: boolean): void => {
    setDirty(now)
    onDirty(now)
  }
  const done = (again: boolean): void => {
    mark(false)
    onDone(again)
  }
  const marked = (): string => (text.bom ? `\uFEFF${mine.current}` : mine.current)

  /** An edit changes what a file says, and not what it is. */
  const typeNow = async (): Promise<string | undefined> => {
    const known = await queries.fetchQuery(propertiesQuery(location, path, text.etag ?? '')).catch(() => undefined)
    return known?.content_type ?? undefined
  }

  /** Runs one way of writing; what goes wrong is said, and the text stays. */
  const write = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
      void queries.invalidateQueries({ queryKey: ['entries', location] })
    } catch (error) {
      if (isProblem(error, 'file-changed')) setAsking({ kind: 'changed', mine: mine.current })
      else setProblem(sentenceFor(error))
    } finally {
      setBusy(false)
    }
  }
  const save = (): Promise<void> =>
    write(async () => {
      const content = mine.current
      const etag = await saveText({ location, path, etag: text.etag, contentType: await typeNow() }, marked(), saving)
      onSaved({ ...text, content, etag })
      mark(mine.current !== content)
      toast(m.common.saved())
    })
  const keepAsCopy = (): Promise<void> =>
    write(async () => {
      const name = await saveCopy({ location, path, contentType: await typeNow() }, marked(), saving, m.preview.copyWords)
      setAsking({ kind: 'nothing' })
      toast(m.preview.savedAs(name))
      done(true)
    })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 's') return
    event.preventDefault()
    if (!busy && dirty) void save()
  }

  return (
    <div className="editor" role="presentation" onKeyDown={onKeyDown}>
      <div className="preview-tools">
        <span className="soft" role="status">
          {dirty ? m.preview.unsaved() : m.preview.unchanged()}
        </span>
        <Button onPress={() => (dirty ? setAsking({ kind: 'discard' }) : done(false))}>{m.preview.stopEditing()}</Button>
        <Button look="primary" onPress={() => void save()} pending={busy} reason={dirty ? undefined : m.preview.unchanged()}>
          {m.common.save()}
        </Button>
      </div>
      {problem === undefined ? null : <Notice tone="bad">{`${m.preview.notSaved()} ${problem}`}</Notice>}
      <Suspense fallback={<Loading />}>
        <CodeView label={m.preview.editingOf(file.shown)} name={file.name} content={first} language={languageOf(file.name)} onChange={note} />
      </Suspense>
      {asking.kind === 'discard' ? (
        <Confirm
          title={m.preview.discardTitle()}
          action={m.preview.discard()}
          pending={false}
          onConfirm={() => done(false)}
          onClose={() => setAsking({ kind: 'nothing' })}
        >
          <p>{m.preview.discardText(file.shown)}</p>
        </Confirm>
      ) : null}
      {asking.kind === 'changed' ? (
        <Changed
          file={file}
          location={location}
          path={path}
          mine={asking.mine}
          pending={busy}
          problem={problem}
          onKeepMine={() => void keepAsCopy()}
          onTakeTheirs={() => {
            toast(m.preview.tookTheirs())
            done(true)
          }}
          onClose={() => setAsking({ kind: 'nothing' })}
        />
      ) : null}
    </div>
  )
}
