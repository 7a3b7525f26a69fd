import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { RotateCcw, Trash, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import { beginJob, JOB_PATHS_MAX, jobsQuery, trashQuery } from '../api/jobs'
import type { NewJob, Retention } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { refusalOf } from '../ui/Why'
import { Purge } from './Purge'
import { TrashList } from './TrashList'

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
    <Page title={m.trash.title(title)} text={keptText(trash?.retention)}>
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
          <p>{keptText(trash.retention)}</p>
        </Blank>
      ) : null}
      {trash?.complete === false && !error ? <p className="soft">{m.trash.looking(entries.length)}</p> : null}
      {entries.length === 0 ? null : <TrashList entries={entries} chosen={chosen} onChoose={setChosen} />}
      {purging ? (
        <Purge paths={paths} onConfirm={(confirm) => begin({ kind: 'purge', location: id, paths, confirm })} onClose={() => setPurging(false)} />
      ) : null}
    </Page>
  )
}

/** How long it is kept, by the bucket's own rules where they are known. */
function keptText(retention: Retention | undefined): string {
  if (retention === undefined) return m.trash.text()
  const { days, older_days: olderDays, newest } = retention
  return olderDays === null ? m.trash.stays(days) : `${m.trash.stays(days)} ${m.trash.older(newest, olderDays)}`
}
