import type { PolicyVersions } from '../api/types'
import { ma } from '../i18n/administration'
import { Marked } from '../ui/Marked'
import { Notice } from '../ui/Notice'

/** Saved permissions that do not fit the estate any more: their roles are allowed nothing. */
export function Unfit({ unfit }: { unfit: PolicyVersions['unfit'] }) {
  return unfit.map(({ role, why }) => (
    <Notice key={role} tone="bad">
      <p>{ma.changes.unfit(role)}</p>
      <p>
        <Marked text={why} />
      </p>
    </Notice>
  ))
}
