import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ShieldQuestion } from 'lucide-react'
import { useState } from 'react'
import { checkPosture, postureQuery } from '../api/posture'
import type { Posture, PostureCheck } from '../api/types'
import { ma } from '../i18n/administration'
import { dateTime } from '../i18n/format'
import { language, m } from '../i18n/messages'
import '../styles/posture.css'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { Check } from './PostureCheck'

/** A report is made anew every so many minutes; the first is on its way when a server was just started. */
const [AGAIN_MS, FIRST_MS] = [30_000, 2_000]

/** How the house stands: what fails, what is not known, what was accepted, and what holds. */
export function PosturePage() {
  const queries = useQueryClient()
  const query = postureQuery(language())
  const { data, error, isPending, refetch } = useQuery({ ...query, refetchInterval: ({ state }) => (state.data?.checked_at ? AGAIN_MS : FIRST_MS) })
  const check = useMutation({
    mutationFn: () => checkPosture(language()),
    onSuccess: (found) => {
      queries.setQueryData(query.queryKey, found)
      toast(ma.posture.checked())
    },
    onError: () => queries.invalidateQueries({ queryKey: query.queryKey }),
  })
  const now = (
    <Button look="primary" pending={check.isPending} onPress={() => check.mutate()}>
      {ma.posture.checkNow()}
    </Button>
  )
  return (
    <Page title={m.app.posture()} text={ma.posture.text()} actions={now}>
      {check.error ? <Notice tone="bad">{describe(check.error)}</Notice> : null}
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.posture.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Found posture={data} />}
    </Page>
  )
}

function Found({ posture: { checked_at, every_minutes, checks } }: { posture: Posture }) {
  const [only, setOnly] = useState(false)
  if (checked_at === null || checked_at === undefined) {
    return (
      <Blank icon={<ShieldQuestion size={30} strokeWidth={1.6} aria-hidden />} title={ma.posture.never()}>
        <p>{ma.posture.neverText()}</p>
      </Blank>
    )
  }
  const count = (state: PostureCheck['state']): number => checks.filter((one) => one.state === state).length
  const [fails, unknown] = [count('fails'), count('unknown')]
  const shown = only ? checks.filter(({ state }) => state === 'fails' || state === 'unknown') : checks
  return (
    <>
      <Notice tone={fails > 0 ? 'warn' : 'calm'}>
        <p>{ma.posture.sum(fails, unknown)}</p>
        <Failing checks={checks} />
        <p>
          {ma.posture.checkedAt(dateTime(checked_at))} {ma.posture.every(every_minutes)}
        </p>
      </Notice>
      <Tick value={only} onChange={setOnly}>
        {ma.posture.only()}
      </Tick>
      {AREAS.map((area) => (
        <Area key={area} area={area} checks={shown.filter((one) => one.area === area)} lastAt={checked_at} />
      ))}
    </>
  )
}

/** Where to look first. */
function Failing({ checks }: { checks: readonly PostureCheck[] }) {
  const failing = checks.filter(({ state }) => state === 'fails')
  if (failing.length === 0) return null
  return (
    <ul className="failing">
      {failing.map(({ id, title }) => (
        <li key={id}>
          <a className="link" href={`#${id}`}>
            {title}
          </a>
        </li>
      ))}
    </ul>
  )
}

const AREAS = ['bucket', 'roles', 'people', 'house'] as const

const WORST = ['fails', 'unknown', 'accepted', 'holds', 'not-here'] as const

function Area({ area, checks, lastAt }: { area: PostureCheck['area']; checks: readonly PostureCheck[]; lastAt: string }) {
  if (checks.length === 0) return null
  const sorted = WORST.flatMap((state) => checks.filter((one) => one.state === state))
  return (
    <section aria-labelledby={`area-${area}`}>
      <h2 id={`area-${area}`}>{ma.posture.area(area)}</h2>
      <ul className="roles posture" aria-label={ma.posture.area(area)}>
        {sorted.map((check) => (
          <Check key={check.id} check={check} lastAt={lastAt} />
        ))}
      </ul>
    </section>
  )
}
