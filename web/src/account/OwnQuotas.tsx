/** How much there may be in one's own places, and how much there is. */
import { useQuery } from '@tanstack/react-query'
import { ownQuotasQuery } from '../api/quotas'
import type { OwnQuota } from '../api/types'
import { bytes, count } from '../i18n/format'
import { m } from '../i18n/messages'
import { Fill } from '../ui/Fill'

/** Nothing is shown where there is no quota. */
export function OwnQuotas() {
  const { data = [] } = useQuery(ownQuotasQuery)
  if (data.length === 0) return null
  return (
    <section className="section narrow">
      <h2>{m.account.quotas()}</h2>
      {data.map((quota) => (
        <One key={`${quota.kind} ${quota.own} ${quota.locations.join(' ')}`} quota={quota} />
      ))}
    </section>
  )
}

function One({ quota }: { quota: OwnQuota }) {
  const name = m.account.quotaOf(quota.kind, quota.own)
  const used = quota.used_bytes
  if (used === null || !quota.counted) return <p>{used === null ? m.account.quotaHidden(name) : m.account.quotaCounting(name)}</p>
  return (
    <>
      {quota.limit_bytes === null ? null : (
        <p>
          {m.account.quotaUsed(name, bytes(used), bytes(quota.limit_bytes))} <Fill used={used} limit={quota.limit_bytes} label={name} />
        </p>
      )}
      {quota.limit_objects === null || quota.used_objects === null ? null : (
        <p>{m.account.quotaUsed(name, count(quota.used_objects), m.account.quotaFiles(quota.limit_objects))}</p>
      )}
    </>
  )
}
