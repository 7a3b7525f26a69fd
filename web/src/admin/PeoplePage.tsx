import { useQuery } from '@tanstack/react-query'
import { peopleQuery } from '../api/admin'
import type { PersonRow } from '../api/types'
import { date } from '../i18n/format'
import { m } from '../i18n/messages'
import { Name } from '../ui/Name'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { PersonActions } from './PersonActions'

export function PeoplePage() {
  const { data, error, isPending, refetch } = useQuery(peopleQuery)
  const waiting = data?.filter((person) => person.status === 'pending').length ?? 0
  return (
    <Page title={m.people.title()} text={m.people.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.people.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {waiting > 0 ? <Notice tone="warn">{m.people.waiting(waiting)}</Notice> : null}
      {data === undefined ? null : <People people={data} />}
    </Page>
  )
}

/** Those who wait come first. */
function People({ people }: { people: readonly PersonRow[] }) {
  const sorted = [...people].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
  return (
    <table className="table">
      <caption className="hidden-text">{m.people.title()}</caption>
      <thead>
        <tr>
          <th scope="col">{m.common.name()}</th>
          <th scope="col">{m.people.email()}</th>
          <th scope="col">{m.people.status()}</th>
          <th scope="col">{m.people.since()}</th>
          <th scope="col" className="end">
            {m.people.actions()}
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((person) => (
          <tr key={person.uid}>
            <th scope="row">
              <Name text={person.name} />
              {person.administrator ? <span className="pill">{m.people.administrator()}</span> : null}
              {person.second_factor ? <span className="pill">{m.people.twoStep()}</span> : null}
            </th>
            <td data-label={m.people.email()}>{person.email === null || person.email === undefined ? '–' : <Address email={person.email} checked={person.email_checked} />}</td>
            <td data-label={m.people.status()}>
              <Status status={person.status} />
            </td>
            <td data-label={m.people.since()}>{date(person.created)}</td>
            <td className="end">
              <PersonActions person={person} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Address({ email, checked }: { email: string; checked: boolean }) {
  return (
    <>
      {email} <span className={checked ? 'pill pill-ok' : 'pill'}>{checked ? m.people.emailChecked() : m.people.emailUnchecked()}</span>
    </>
  )
}

function rank({ status }: PersonRow): number {
  return status === 'pending' ? 0 : 1
}

function Status({ status }: Pick<PersonRow, 'status'>) {
  switch (status) {
    case 'pending':
      return <span className="pill pill-warn">{m.people.pending()}</span>
    case 'active':
      return <span className="pill pill-ok">{m.people.active()}</span>
    case 'disabled':
      return <span className="pill pill-bad">{m.people.disabled()}</span>
  }
}
