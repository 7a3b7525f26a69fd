import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import { keysQuery, revokeKey } from '../api/keys'
import type { MadeKey } from '../api/types'
import { m } from '../i18n/messages'
import { heldKey, titled } from '../ui/held'
import { HeldTable } from '../ui/HeldTable'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { Made } from './Made'
import { MakeKey } from './MakeKey'

/** A person's own access keys: list, make, revoke. The secret of a new one is shown once and kept nowhere. */
export function KeysPage() {
  const { data, error, isPending, refetch } = useQuery(keysQuery)
  const { data: locations = [] } = useQuery(locationsQuery)
  const queries = useQueryClient()
  const [made, setMade] = useState<MadeKey>()
  const counting = data?.keys.filter((key) => key.standing === 'active').length ?? 0
  return (
    <Page title={m.keys.title()} text={m.keys.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.keys.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : data.available ? null : <Notice tone="calm">{m.keys.notHere()}</Notice>}
      {data === undefined || data.keys.length === 0 ? null : (
        <HeldTable
          caption={m.keys.title()}
          where={m.keys.location()}
          held={data.keys.map((key) => heldKey(key, titled(locations)))}
          text={m.keys.revokeText()}
          onEnd={revokeKey}
          onEnded={() => queries.invalidateQueries({ queryKey: keysQuery.queryKey })}
        />
      )}
      {data?.available === true ? (
        <MakeKey locations={locations} daysMax={data.days_max} max={data.max} full={counting >= data.max} onMade={setMade} />
      ) : null}
      {made === undefined ? null : <Made made={made} onClose={() => setMade(undefined)} />}
    </Page>
  )
}
