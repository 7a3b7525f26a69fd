import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { RotateCcw, Trash, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import { beginJob, JOB_PATHS_MAX, jobsQuery, trashQuery } from '../api/jobs'
import type { NewJob, TrashEntry } from '../api/types'
import { bytes, dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Name } from '../ui/Name'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { refusalOf } from '../ui/Why'
import { Purge } from './Purge'

interface Props {
  id: string
  folder: string
}

/** What is deleted below a folder: it is brought back, or deleted for ever. */
export function TrashPage({ id, folder }: Props) {
  const { data: locations } = useQuery(locationsQuery)
  const { data: trash, error, isPending, refetch } = useQuery(trashQuery(id, folder))
  const queries = useQueryClient()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [purging, setPurging] = useState(false)
  const entries = trash?.entries ?? []
  const paths = entries.map(({ path }) => path).filter((path) => chosen.has(path))
  const title = locations?.find((one) => one.id === id)?.title ?? ''
  const begin = (form: NewJob): void => {
    setChosen(new Set())
    beginJob(form).then(
      (job) => queries.setQueryData(jobsQuery.queryKey, (jobs = []) => [job, ...jobs]),
      (failed: unknown) => toast(describe(failed)),
    )
  }
  const some = (may: { allowed: boolean; explanation: Parameters<typeof refusalOf>[0] } | undefined): string | undefined => {
    if (may === undefined) return m.common.loading()
    if (!may.allowed) return refusalOf(may.explanation)
    if (paths.length === 0) return m.files.selectFirst()
    return paths.length > JOB_PATHS_MAX ? m.trash.tooMany(JOB_PATHS_MAX) : undefined
  }
  return (
    <Page title={m.trash.title(title)} text={m.trash.text()}>
      <div className="trash-do">
        <Link to="/files/$location/$" params={{ location: id, _splat: folder.replace(/\/$/, '') }} className="link">
          {m.trash.back()}
        </Link>
        <Button look="primary" reason={some(trash?.may?.restore)} onPress={() => begin({ kind: 'restore', location: id, paths })}>
          <RotateCcw size={16} aria-hidden />
          {m.trash.restore()}
        </Button>
        <Button look="danger" reason={some(trash?.may?.purge)} onPress={() => setPurging(true)}>
          <Trash2 size={16} aria-hidden />
          {m.trash.purge()}
        </Button>
      </div>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.trash.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {trash?.complete === true && entries.length === 0 ? (
        <Blank icon={<Trash size={30} strokeWidth={1.6} aria-hidden />} title={m.trash.empty()}>
          <p>{m.trash.text()}</p>
        </Blank>
      ) : null}
      {trash?.complete === false && !error ? <p className="soft">{m.trash.looking(entries.length)}</p> : null}
      {entries.length === 0 ? null : <List entries={entries} chosen={chosen} onChoose={setChosen} />}
      {purging ? (
        <Purge paths={paths} onConfirm={(confirm) => begin({ kind: 'purge', location: id, paths, confirm })} onClose={() => setPurging(false)} />
      ) : null}
    </Page>
  )
}

interface ListProps {
  entries: readonly TrashEntry[]
  chosen: ReadonlySet<string>
  onChoose: (chosen: ReadonlySet<string>) => void
}

/** How many are drawn; more are chosen by `all`. */
const DRAWN_MAX = 1000

function List({ entries, chosen, onChoose }: ListProps) {
  const toggle = (path: string, on: boolean): void => {
    const next = new Set(chosen)
    if (on) next.add(path)
    else next.delete(path)
    onChoose(next)
  }
  const drawn = entries.slice(0, DRAWN_MAX)
  const all = drawn.every(({ path }) => chosen.has(path))
  return (
    <>
      <Tick value={all} onChange={(on) => onChoose(new Set(on ? drawn.map(({ path }) => path) : []))}>
        {m.trash.all()}
      </Tick>
      <ul className="lines trash" aria-label={m.trash.link()}>
        {drawn.map(({ path, deleted, size }) => (
          <li key={path}>
            <Tick value={chosen.has(path)} onChange={(on) => toggle(path, on)}>
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
        ))}
      </ul>
      {entries.length > drawn.length ? <p className="soft">{m.jobs.more(entries.length - drawn.length)}</p> : null}
    </>
  )
}
