import { useQueryClient } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { beginJob, JOB_PATHS_MAX, jobsQuery } from '../../api/jobs'
import type { PastListing } from '../../api/past'
import type { PastEntry } from '../../api/types'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { Tick } from '../../ui/Choice'
import { describe } from '../../ui/problems'
import { toast } from '../../ui/toasts'
import { refusalOf } from '../../ui/Why'
import { keyOf, ordered } from './entries'
import { Look } from './Look'
import { PastLine } from './PastLine'
import { RestorePast } from './RestorePast'

interface Props {
  id: string
  folder: string
  at: string
  past: PastListing
}

/** How many are drawn at first, and by each further press. */
const DRAWN = 200

type File = Extract<PastEntry, { kind: 'file' }>

/** What was in a folder: looked at, downloaded, and some of it or all of it brought back. */
export function PastFolder({ id, folder, at, past }: Props) {
  const queries = useQueryClient()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [most, setMost] = useState(DRAWN)
  const [asking, setAsking] = useState<'chosen' | 'all'>()
  const [looking, setLooking] = useState<File>()
  const entries = ordered(past.entries)
  const keys = entries.map(keyOf).filter((key) => chosen.has(key))
  const first = entries.slice(0, JOB_PATHS_MAX).map(keyOf)
  const may = past.may?.restore
  const refused = may === undefined ? m.common.loading() : may.allowed ? undefined : refusalOf(may.explanation)
  const some = keys.length === 0 ? m.files.selectFirst() : keys.length > JOB_PATHS_MAX ? m.trash.tooMany(JOB_PATHS_MAX) : undefined
  const toggle = (key: string, on: boolean): void => {
    const next = new Set(chosen)
    if (on) next.add(key)
    else next.delete(key)
    setChosen(next)
  }
  const restore = (deleteNewer: boolean): void => {
    const whole = folder === '' ? [] : [folder]
    const paths = asking === 'all' ? whole : keys.map((key) => folder + key)
    setAsking(undefined)
    setChosen(new Set())
    beginJob({ kind: 'restore-past', location: id, paths, at, delete_newer: deleteNewer }).then(
      (job) => queries.setQueryData(jobsQuery.queryKey, (jobs = []) => [job, ...jobs]),
      (failed: unknown) => toast(describe(failed)),
    )
  }
  const left = entries.length - most
  return (
    <>
      <div className="past-do">
        <Tick value={first.every((key) => chosen.has(key))} onChange={(on) => setChosen(new Set(on ? first : []))}>
          {first.length < entries.length ? m.trash.allOf(first.length) : m.trash.all()}
        </Tick>
        <Button look="primary" reason={refused ?? some} onPress={() => setAsking('chosen')}>
          <RotateCcw size={16} aria-hidden />
          {m.past.restoreChosen()}
        </Button>
        <Button reason={refused} onPress={() => setAsking('all')}>
          <RotateCcw size={16} aria-hidden />
          {m.past.restoreAll()}
        </Button>
      </div>
      <ul className="lines past" aria-label={m.past.list()}>
        {entries.slice(0, most).map((entry) => (
          <PastLine key={keyOf(entry)} {...{ id, folder, at, entry }} read={past.may?.read} chosen={chosen.has(keyOf(entry))} onToggle={toggle} onLook={setLooking} />
        ))}
      </ul>
      {left <= 0 ? null : (
        <div className="show-more">
          <span className="soft">{m.trash.shown(most, entries.length)}</span>
          <Button onPress={() => setMost(most + DRAWN)}>{m.trash.more(Math.min(DRAWN, left))}</Button>
        </div>
      )}
      {asking === undefined ? null : (
        <RestorePast at={at} count={asking === 'all' ? undefined : keys.length} past={past} onConfirm={restore} onClose={() => setAsking(undefined)} />
      )}
      {looking?.version ? <Look {...{ id, at }} path={folder + looking.name} file={{ ...looking, version: looking.version }} onClose={() => setLooking(undefined)} /> : null}
    </>
  )
}
