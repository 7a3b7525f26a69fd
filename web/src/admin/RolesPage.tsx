import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { estateQuery, rolesQuery } from '../api/admin'
import { policyVersionsQuery } from '../api/changes'
import type { EstateCheck, Role } from '../api/types'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { Marked } from '../ui/Marked'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { GuardRails } from './GuardRails'
import { SeeAsRole } from './SeeAs'
import { Unfit } from './Unfit'
import { indented } from './indented'

/** What persons may be granted, and so be seen as. */
const GRANTABLE: ReadonlySet<string> = new Set(['AdminRole', 'RegularUserRole', 'S3AccessRole', 'UploadRole'])

export function RolesPage() {
  const { data, error, isPending, refetch } = useQuery(rolesQuery)
  const { data: check } = useQuery(estateQuery)
  const { data: versions } = useQuery(policyVersionsQuery)
  return (
    <Page title={ma.roles.title()} text={ma.roles.text()}>
      {check ? <Standing check={check} /> : null}
      <Unfit unfit={versions?.unfit ?? []} />
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.roles.failed()} error={error} onRetry={() => void refetch()} /> : null}
      <ul className="roles">{data?.map((role) => <RoleRow key={role.arn} role={role} editable={versions?.editable.includes(role.name) === true} />)}</ul>
      <GuardRails />
    </Page>
  )
}

/** Whether the estate is as described, as it was last read back. */
function Standing({ check: { checked_at, differences, kept } }: { check: EstateCheck }) {
  const at = dateTime(checked_at)
  const good = differences.length === 0
  return (
    <Notice tone={good ? 'calm' : 'warn'}>
      <p>{good ? ma.roles.asDescribed(at) : ma.roles.differs(differences.length, at)}</p>
      <Lines lines={differences} />
      {kept.length > 0 ? <p>{ma.roles.kept()}</p> : null}
      <Lines lines={kept} />
    </Notice>
  )
}

function Lines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>
          <Marked text={line} />
        </li>
      ))}
    </ul>
  )
}

function RoleRow({ role: { name, arn, purpose, summary, policies, trust }, editable }: { role: Role; editable: boolean }) {
  return (
    <li>
      <h2>{name}</h2>
      <p>{ma.roles.purpose(purpose)}</p>
      {GRANTABLE.has(name) ? <SeeAsRole role={name} /> : null}
      <code>{arn}</code>
      {summary.length === 0 ? <p>{ma.roles.nothing()}</p> : null}
      <ul>
        {summary.map((line) => (
          <li key={line}>
            <Marked text={line} />
          </li>
        ))}
      </ul>
      {editable ? (
        <p>
          <Link to="/roles/$role" params={{ role: name }}>
            {ma.changes.open(name)}
          </Link>
        </p>
      ) : null}
      <p>
        <Link to="/roles/$role/use" params={{ role: name }}>
          {ma.usage.open(name)}
        </Link>
      </p>
      <details>
        <summary>{ma.roles.asWritten()}</summary>
        {policies.map((policy) => (
          <Document key={policy.name} name={policy.name} json={policy.document} />
        ))}
        <Document name={ma.roles.trust()} json={trust} />
      </details>
    </li>
  )
}

function Document({ name, json }: { name: string; json: string }) {
  return (
    <section aria-label={name}>
      <h3>{name}</h3>
      <pre tabIndex={0}>{indented(json)}</pre>
    </section>
  )
}
