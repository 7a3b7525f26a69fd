import type { ComponentType } from 'react'
import type { Identity } from '../api/types'
import { m } from '../i18n/messages'

interface Props {
  identities: readonly Identity[]
  /** What can be done with one of them. */
  Actions?: ComponentType<{ identity: Identity }>
}

/** Sign-ins that are linked to a person. */
export function Identities({ identities, Actions }: Props) {
  return (
    <ul className="lines">
      {identities.map((identity) => (
        <li key={identity.id}>
          <div>
            <strong>{identity.provider}</strong> {identity.label}
            <div className="soft">
              {identity.added ? m.providers.since(identity.linked) : m.providers.origin(identity.linked)} ·{' '}
              {identity.used === null ? m.providers.unused() : m.providers.usedAt(identity.used)}
            </div>
            {identity.usable ? null : <div className="soft">{m.providers.gone()}</div>}
          </div>
          {Actions === undefined ? null : (
            <div className="row-actions">
              <Actions identity={identity} />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}
