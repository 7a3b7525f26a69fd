import { useQuery } from '@tanstack/react-query'
import { peopleQuery } from '../api/admin'
import type { PersonRow } from '../api/types'
import { date } from '../i18n/format'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Name } from '../ui/Name'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { PersonActions } from './PersonActions'

export function PeoplePage() {
  const { data, error, isPending, refetch } = useQuery(peopleQuery)
  const waiting = data?.filter((person) => person.status === 'pending').length ?? 0
  return (
    <Page title={ma.people.title()} text={ma.people.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.people.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {waiting > 0 ? <Notice tone="warn">{ma.people.waiting(waiting)}</Notice> : null}
      {data === undefined ? null : <People people={data} />}
    </Page>
  )
}

/** Those who wait come first. */
function People({ people }: { people: readonly PersonRow[] }) {
  const sorted = [...people].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
  return (
    <table className="table">
      <caption className="hidden-text">{ma.people.title()}</caption>
      <thead>
        <tr>
          <th scope="col">{m.common.name()}</th>
          <th scope="col">{ma.people.email()}</th>
          <th scope="col">{ma.people.status()}</th>
          <th scope="col">{ma.people.since()}</th>
          <th scope="col" className="end">
            {m.common.actions()}
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((person) => (
          <tr key={person.uid}>
            <th scope="row">
              <Name text={person.name} />
              {person.administrator ? <span className="pill">{ma.people.administrator()}</span> : null}
              {person.second_factor ? <span className="pill">{ma.people.twoStep()}</span> : null}
            </th>
            <td data-label={ma.people.email()}>{person.email === null || person.email === undefined ? '–' : <Address email={person.email} checked={person.email_checked} />}</td>
            <td data-label={ma.people.status()}>
              <Status status={person.status} />
            </td>
            <td data-label={ma.people.since()}>{date(person.created)}</td>
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
      {email} <span className={checked ? 'pill pill-ok' : 'pill'}>{checked ? ma.people.emailChecked() : ma.people.emailUnchecked()}</span>
    </>
  )
}

function rank({ status }: PersonRow): number {
  return status === 'pending' ? 0 : 1
}

function Status({ status }: Pick<PersonRow, 'status'>) {
  switch (status) {
    case 'pending':
      return <span className="pill pill-warn">{ma.people.pending()}</span>
    case 'active':
      return <span className="pill pill-ok">{ma.people.active()}</span>
    case 'disabled':
      return <span className="pill pill-bad">{ma.people.disabled()}</span>
  }
}
