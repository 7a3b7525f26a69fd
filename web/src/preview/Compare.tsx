import { useQuery } from '@tanstack/react-query'
import type { FileVersion } from '../api/types'
import { dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Loading, Notice } from '../ui/Notice'
import { LINES_SHOWN_MAX, linesOf, type Line } from './changes'
import { textOfVersionQuery } from './links'
import { sentenceFor } from './Trouble'

interface Props {
  id: string
  path: string
  older: FileVersion
  current: FileVersion
  onClose: () => void
}

/** An older text beside what the file is now: the lines that went and that came, and some around them. */
export function Compare({ id, path, older, current, onClose }: Props) {
  const before = useQuery(textOfVersionQuery(id, path, older))
  const now = useQuery(textOfVersionQuery(id, path, current))
  const error = before.error ?? now.error
  return (
    <Dialog title={m.versions.compareTitle(dateTime(older.modified))} onClose={onClose} wide>
      {error ? <Notice tone="warn">{sentenceFor(error)}</Notice> : null}
      {before.data === undefined || now.data === undefined ? (error ? null : <Loading />) : <Lines lines={linesOf(before.data.content, now.data.content)} />}
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.close()}
        </Button>
      </div>
    </Dialog>
  )
}

const SIGNS = { gone: '−', come: '+', same: ' ', hunk: '' } as const

function Lines({ lines }: { lines: readonly Line[] | undefined }) {
  if (lines === undefined) return <Notice tone="warn">{m.versions.tooDifferent()}</Notice>
  if (lines.length === 0) return <p>{m.versions.same()}</p>
  return (
    <>
      <div className="changes" tabIndex={0} role="region" aria-label={m.versions.changes()}>
        {lines.slice(0, LINES_SHOWN_MAX).map(({ id, kind, text }) => (
          <div key={id} className={`change change-${kind}`}>
            <span aria-hidden>{SIGNS[kind]}</span>
            {kind === 'gone' || kind === 'come' ? <span className="hidden-text">{kind === 'gone' ? m.versions.gone() : m.versions.come()} </span> : null}
            {kind === 'hunk' ? m.versions.fromLine(Number(text)) : text}
          </div>
        ))}
      </div>
      {lines.length > LINES_SHOWN_MAX ? <p className="soft">{m.versions.moreLines(lines.length - LINES_SHOWN_MAX)}</p> : null}
    </>
  )
}
