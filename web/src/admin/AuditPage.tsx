import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, Radio, RefreshCw } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { auditFile, auditQuery, auditStandingQuery, EVERYTHING, peopleQuery, type AuditFilter } from '../api/admin'
import { askProof } from '../api/second-factor'
import type { AuditEntry, AuditStanding } from '../api/types'
import { counted, dateTime, toTheSecond } from '../i18n/format'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { placeOf } from '../ui/reason'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { AuditFilters } from './AuditFilters'

/** How often a live page asks for what is new, in milliseconds. */
const LIVE_EVERY = 2000

export function AuditPage() {
  const [filter, setFilter] = useState(EVERYTHING)
  const [live, setLive] = useState(false)
  // While somebody types, what was found before stays.
  const deferred = useDeferredValue(filter)
  const query = useInfiniteQuery({
    ...auditQuery(deferred),
    placeholderData: keepPreviousData,
    refetchInterval: live ? LIVE_EVERY : false,
  })
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const { data: standing } = useQuery({ ...auditStandingQuery, refetchInterval: live ? LIVE_EVERY : false })
  const entries = data?.pages.flat() ?? []
  return (
    <Page
      title={ma.audit.title()}
      text={ma.audit.text()}
      actions={<Actions filter={filter} live={live} onLive={setLive} onReload={() => void refetch()} />}
    >
      {standing === undefined ? null : <Standing standing={standing} />}
      <AuditFilters filter={filter} onChange={setFilter} />
      {isPending ? <Loading /> : null}
      {error && data === undefined ? (
        <Failure title={ma.audit.failed()} error={error} onRetry={() => void refetch()} />
      ) : null}
      {error && data !== undefined ? <Notice tone="bad">{describe(error)}</Notice> : null}
      {data !== undefined && entries.length === 0 ? (
        <Nothing filter={filter} onClear={() => setFilter(EVERYTHING)} />
      ) : null}
      {entries.length > 0 ? <Entries entries={entries} /> : null}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {ma.audit.older()}
        </Button>
      ) : null}
    </Page>
  )
}

interface ActionsProps {
  filter: AuditFilter
  live: boolean
  onLive: (live: boolean) => void
  onReload: () => void
}

function Actions({ filter, live, onLive, onReload }: ActionsProps) {
  // A file that is saved can ask for nothing: whether it would have to is asked before.
  const save = useMutation({
    mutationFn: async (format: 'csv' | 'jsonl') => {
      await withProof(askProof)
      saveFile(auditFile(filter, format))
    },
    onError: (error) => toast(describe(error)),
  })
  return (
    <div className="page-actions">
      <Button onPress={() => onLive(!live)} pressed={live} look={live ? 'primary' : 'plain'}>
        <Radio size={15} aria-hidden /> {ma.audit.live()}
      </Button>
      <Button onPress={onReload}>
        <RefreshCw size={15} aria-hidden /> {m.files.refresh()}
      </Button>
      <Button onPress={() => save.mutate('csv')}>
        <Download size={15} aria-hidden /> {ma.audit.saveCsv()}
      </Button>
      <Button onPress={() => save.mutate('jsonl')}>
        <Download size={15} aria-hidden /> {ma.audit.saveJsonl()}
      </Button>
    </div>
  )
}

function saveFile(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}

/** Whether the log is as it was written. */
function Standing({ standing: { checked_at, signed_at, lines, faults } }: { standing: AuditStanding }) {
  if (faults.length > 0) {
    return (
      <Notice tone="bad">
        <p>{ma.audit.notWhole()}</p>
        <ul>
          {faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      </Notice>
    )
  }
  if (!checked_at) return <Notice tone="calm">{ma.audit.notChecked()}</Notice>
  const signed = signed_at ? ma.audit.signed(toTheSecond(signed_at)) : ma.audit.signedElsewhere()
  return (
    <Notice tone="calm">
      {ma.audit.whole(counted(lines, 'line', 'lines'), dateTime(checked_at))} {signed}
    </Notice>
  )
}

function Nothing({ filter, onClear }: { filter: AuditFilter; onClear: () => void }) {
  const all = Object.values(filter).every((text) => text === '')
  if (all) return <Notice tone="calm">{ma.audit.none()}</Notice>
  return (
    <Notice tone="calm">
      <p>{ma.audit.noneFound()}</p>
      <Button onPress={onClear}>{ma.audit.clear()}</Button>
    </Notice>
  )
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const { data: people = [] } = useQuery(peopleQuery)
  const names = new Map(people.map((person) => [person.uid, person.name]))
  return (
    <table className="table table-dense">
      <caption className="hidden-text">{ma.audit.title()}</caption>
      <thead>
        <tr>
          <th scope="col">{ma.audit.when()}</th>
          <th scope="col">{ma.audit.who()}</th>
          <th scope="col">{ma.audit.action()}</th>
          <th scope="col">{ma.audit.resource()}</th>
          <th scope="col">{ma.audit.outcome()}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.seq}>
            <td data-label={ma.audit.when()}>{toTheSecond(entry.at)}</td>
            <td data-label={ma.audit.who()} className="breaks">
              <span title={entry.principal}>{whoDid(entry, names)}</span>
            </td>
            <td data-label={ma.audit.action()}>
              <code>{entry.action}</code>
            </td>
            <td data-label={ma.audit.resource()} className="breaks">
              <code>
                <Name text={entry.resource} />
              </code>
            </td>
            <td data-label={ma.audit.outcome()}>
              <Outcome outcome={entry.outcome} detail={entry.detail ?? undefined} />
              <ToSimulator entry={entry} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The name behind the role session where we know it; otherwise what the log says. */
function whoDid({ principal, source_identity: uid }: AuditEntry, names: ReadonlyMap<string, string>): string {
  return (uid ? names.get(uid) : undefined) ?? principal
}

/** The same request in the simulator: what a person, or a stranger, asked of the store. */
function ToSimulator({ entry: { action, resource, principal, source_identity: uid } }: { entry: AuditEntry }) {
  const stranger = principal === 'anonymous'
  if (!action.startsWith('s3:') || (!uid && !stranger)) return null
  const who = stranger ? { who: 'stranger' as const } : { uid: uid ?? '' }
  return (
    <Link to="/simulator" search={{ ...who, action, ...placeOf(resource) }} className="soft detail">
      {m.why.simulate()}
    </Link>
  )
}

/** Done, refused, not known, or the code of an error; the reason of a refusal appears on it. */
function Outcome({ outcome, detail }: { outcome: string; detail: string | undefined }) {
  const tone = outcome === 'done' ? 'pill-ok' : outcome === 'unknown' ? 'pill-warn' : 'pill-bad'
  return (
    <>
      <span className={`pill ${tone}`}>{outcome}</span>
      {detail === undefined ? null : <small className="soft detail">{detail}</small>}
    </>
  )
}
