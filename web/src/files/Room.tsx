/** How full the fullest quota is that counts what is put here. */
import { useQuery } from '@tanstack/react-query'
import { ownQuotasQuery } from '../api/quotas'
import { bytes } from '../i18n/format'
import { m } from '../i18n/messages'
import { Fill } from '../ui/Fill'

/** How often it is asked how full quotas are, where one is over this place. */
const EVERY_MS = 15_000

/** Nothing is shown where there is no quota, or where its measure is not for this person to know. */
export function Room({ location }: { location: string }) {
  const { data = [] } = useQuery({ ...ownQuotasQuery, refetchInterval: ({ state }) => (state.data?.some(({ locations }) => locations.includes(location)) === true ? EVERY_MS : false) })
  const here = data.flatMap(({ kind, used_bytes, limit_bytes, counted, locations }) =>
    counted && used_bytes !== null && limit_bytes !== null && locations.includes(location) ? [{ kind, used: used_bytes, limit: limit_bytes }] : [],
  )
  const [fullest] = here.sort((a, b) => b.used * a.limit - a.used * b.limit)
  if (fullest === undefined) return null
  const { kind, used, limit } = fullest
  const whose = m.account.quotaOf(kind)
  return (
    <span className="room">
      {m.account.quotaUsed(whose, bytes(used), bytes(limit))} <Fill used={used} limit={limit} label={whose} />
    </span>
  )
}
