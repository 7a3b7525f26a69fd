import { useQuery } from '@tanstack/react-query'
import { rolesQuery } from '../api/admin'
import type { Role } from '../api/types'
import { m } from '../i18n/messages'
import { Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'

export function RolesPage() {
  const { data, error, isPending, refetch } = useQuery(rolesQuery)
  return (
    <Page title={m.roles.title()} text={m.roles.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.roles.failed()} error={error} onRetry={() => void refetch()} /> : null}
      <ul className="roles">{data?.map((role) => <RoleRow key={role.arn} role={role} />)}</ul>
    </Page>
  )
}

function RoleRow({ role: { name, arn, summary } }: { role: Role }) {
  return (
    <li>
      <h2>{name}</h2>
      <code>{arn}</code>
      {summary.length === 0 ? <p>{m.roles.nothing()}</p> : null}
      <ul>
        {summary.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </li>
  )
}
