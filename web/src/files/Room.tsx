/** How full the fullest quota is that counts what is put here. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ownQuotasQuery } from '../api/quotas'
import { bytes } from '../i18n/format'
import { m } from '../i18n/messages'
import { Fill } from '../ui/Fill'

/** How often it is asked how full quotas are, where one is over this place. */
const EVERY_MS = 15_000

/** Nothing is shown where there is no quota, or where its measure is not for this person to know. */
export function Room({ location }: { location: string }) {
  const { data = [] } = useQuery({ ...ownQuotasQuery, refetchInterval: ({ state }) => (state.data?.some(({ locations }) => locations.includes(location)) === true ? EVERY_MS : false) })
  const here = data.flatMap(({ kind, own, used_bytes, limit_bytes, counted, locations }) =>
    counted && used_bytes !== null && limit_bytes !== null && locations.includes(location) ? [{ whose: m.account.quotaOf(kind, own), used: used_bytes, limit: limit_bytes }] : [],
  )
  const [fullest] = here.sort((a, b) => b.used * a.limit - a.used * b.limit)
  if (fullest === undefined) return null
  const { whose, used, limit } = fullest
  return (
    <span className="room">
      <Link to="/usage/$location/$" params={{ location, _splat: '' }} className="link">
        {m.account.quotaUsed(whose, bytes(used), bytes(limit))}
      </Link>{' '}
      <Fill used={used} limit={limit} label={whose} />
    </span>
  )
}
