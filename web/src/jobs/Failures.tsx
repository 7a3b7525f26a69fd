import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { jobQuery } from '../api/jobs'
import type { JobDetail, NewJob } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { ConflictQuestion, type ConflictAnswer } from '../ui/ConflictQuestion'
import { Dialog } from '../ui/Dialog'
import { Name } from '../ui/Name'
import { Failure, Loading } from '../ui/Notice'
import { refused } from '../ui/problems'
import { Why } from '../ui/Why'
import { again, isCut } from './again'

interface Props {
  id: string
  /** With the jobs that do what was decided. */
  onAgain: (forms: readonly NewJob[]) => void
  onClose: () => void
}

/** How many are written out, and by each further press. */
const SHOWN = 100

/** What a job did not do, each with its reason; where something was already there, the person decides. */
export function Failures({ id, onAgain, onClose }: Props) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(jobQuery(id))
  const [job] = data?.pages ?? []
  const [deciding, setDeciding] = useState(false)
  const taken = job?.failures.filter(({ code }) => code === 'file-exists').length ?? 0
  const decide = (answer: ConflictAnswer): void => {
    if (job !== undefined) onAgain(answer === 'skip' ? [] : again(job, answer))
    onClose()
  }
  if (deciding) {
    return <ConflictQuestion title={m.jobs.exists(job !== undefined && isCut(job) ? job.failed : taken)} waiting={taken} together text={m.jobs.existsText()} onAnswer={decide} />
  }
  return (
    <Dialog title={m.jobs.failed(job?.failed ?? 0)} onClose={onClose} wide>
      {error ? <Failure title={m.jobs.details()} error={error} onRetry={() => void refetch()} /> : null}
      {job === undefined ? <Loading /> : <List job={job} known={data?.pages.flatMap(({ failures }) => failures) ?? []} pending={isFetchingNextPage} onMore={() => hasNextPage && void fetchNextPage()} />}
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.close()}
        </Button>
        {taken > 0 || (job !== undefined && isCut(job)) ? (
          <Button look="primary" onPress={() => setDeciding(true)}>
            {m.jobs.decide()}
          </Button>
        ) : null}
      </div>
    </Dialog>
  )
}

interface ListProps {
  job: JobDetail
  /** What is known of so far. */
  known: JobDetail['failures']
  pending: boolean
  onMore: () => void
}

function List({ job, known, pending, onMore }: ListProps) {
  const [most, setMost] = useState(SHOWN)
  const shown = known.slice(0, most)
  const more = job.failed - shown.length
  const press = (): void => {
    if (known.length < most + SHOWN) onMore()
    setMost(most + SHOWN)
  }
  return (
    <>
      <ul className="failures">
        {shown.map(({ path, code, detail, explanation }) => (
          <li key={path}>
            <code>
              <Name text={path} />
            </code>
            {!explanation ? <> {refused(code, detail)}</> : <Why allowed={false} explanation={explanation} />}
          </li>
        ))}
      </ul>
      {more > 0 ? (
        <div className="show-more">
          <span className="soft">{m.jobs.more(more)}</span>
          <Button onPress={press} pending={pending}>{m.trash.more(Math.min(SHOWN, more))}</Button>
        </div>
      ) : null}
    </>
  )
}
