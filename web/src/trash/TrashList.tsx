import { useState } from 'react'
import { JOB_PATHS_MAX } from '../api/jobs'
import type { TrashEntry } from '../api/types'
import { bytes, dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Name } from '../ui/Name'

interface Props {
  entries: readonly TrashEntry[]
  chosen: ReadonlySet<string>
  onChoose: (chosen: ReadonlySet<string>) => void
}

/** How many are drawn at first, and by each further press: a long list costs no more than what is looked at. */
const DRAWN = 200

/** What is deleted, some of it at a time; all that one job may name can be chosen at once. */
export function TrashList({ entries, chosen, onChoose }: Props) {
  const [most, setMost] = useState(DRAWN)
  const drawn = entries.slice(0, most)
  const first = entries.slice(0, JOB_PATHS_MAX)
  const toggle = (path: string, on: boolean): void => {
    const next = new Set(chosen)
    if (on) next.add(path)
    else next.delete(path)
    onChoose(next)
  }
  const left = entries.length - drawn.length
  return (
    <>
      <Tick value={first.every(({ path }) => chosen.has(path))} onChange={(on) => onChoose(new Set(on ? first.map(({ path }) => path) : []))}>
        {first.length < entries.length ? m.trash.allOf(first.length) : m.trash.all()}
      </Tick>
      <ul className="lines trash" aria-label={m.trash.link()}>
        {drawn.map((entry) => (
          <Line key={entry.path} entry={entry} chosen={chosen.has(entry.path)} onToggle={toggle} />
        ))}
      </ul>
      {entries.length <= DRAWN ? null : (
        <div className="show-more">
          <span className="soft">{m.trash.shown(drawn.length, entries.length)}</span>
          {left === 0 ? null : <Button onPress={() => setMost(most + DRAWN)}>{m.trash.more(Math.min(DRAWN, left))}</Button>}
        </div>
      )}
    </>
  )
}

interface LineProps {
  entry: TrashEntry
  chosen: boolean
  onToggle: (path: string, on: boolean) => void
}

function Line({ entry: { path, deleted, size }, chosen, onToggle }: LineProps) {
  return (
    <li>
      <Tick value={chosen} onChange={(on) => onToggle(path, on)}>
        <span className="hidden-text">{m.trash.select(path)}</span>
        <code aria-hidden>
          <Name text={path} />
        </code>
      </Tick>
      <small className="soft">
        {m.trash.deleted()} {dateTime(deleted)}
        {size === null ? null : ` · ${bytes(size)}`}
      </small>
    </li>
  )
}
