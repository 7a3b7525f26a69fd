import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { auditQuery, peopleQuery } from '../api/admin'
import type { AuditEntry } from '../api/types'
import { toTheSecond } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'

export function AuditPage() {
  const query = useInfiniteQuery(auditQuery)
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const entries = data?.pages.flat() ?? []
  const reload = (
    <Button onPress={() => void refetch()}>
      <RefreshCw size={15} aria-hidden /> {m.files.refresh()}
    </Button>
  )
  return (
    <Page title={m.audit.title()} text={m.audit.text()} actions={reload}>
      {isPending ? <Loading /> : null}
      {error && data === undefined ? (
        <Failure title={m.audit.failed()} error={error} onRetry={() => void refetch()} />
      ) : null}
      {error && data !== undefined ? <Notice tone="bad">{describe(error)}</Notice> : null}
      {data !== undefined && entries.length === 0 ? <Notice tone="calm">{m.audit.none()}</Notice> : null}
      {entries.length > 0 ? <Entries entries={entries} /> : null}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {m.audit.older()}
        </Button>
      ) : null}
    </Page>
  )
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const { data: people = [] } = useQuery(peopleQuery)
  const names = new Map(people.map((person) => [person.uid, person.name]))
  return (
    <table className="table table-dense">
      <caption className="hidden-text">{m.audit.title()}</caption>
      <thead>
        <tr>
          <th scope="col">{m.audit.when()}</th>
          <th scope="col">{m.audit.who()}</th>
          <th scope="col">{m.audit.action()}</th>
          <th scope="col">{m.audit.resource()}</th>
          <th scope="col">{m.audit.outcome()}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.seq}>
            <td data-label={m.audit.when()}>{toTheSecond(entry.at)}</td>
            <td data-label={m.audit.who()} className="breaks">
              <span title={entry.principal}>{whoDid(entry, names)}</span>
            </td>
            <td data-label={m.audit.action()}>
              <code>{entry.action}</code>
            </td>
            <td data-label={m.audit.resource()} className="breaks">
              <code>{entry.resource}</code>
            </td>
            <td data-label={m.audit.outcome()}>
              <Outcome outcome={entry.outcome} detail={entry.detail ?? undefined} />
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
