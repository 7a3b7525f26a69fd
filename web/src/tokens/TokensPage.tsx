import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import { revokeToken, tokensQuery } from '../api/tokens'
import type { MadeToken } from '../api/types'
import { m } from '../i18n/messages'
import { heldToken, titled } from '../ui/held'
import { HeldTable } from '../ui/HeldTable'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { Made } from './Made'
import { MakeToken } from './MakeToken'

/** A person's API tokens: list, make, revoke. A new one is shown once and kept nowhere. */
export function TokensPage() {
  const { data, error, isPending, refetch } = useQuery(tokensQuery)
  const { data: locations = [] } = useQuery(locationsQuery)
  const queries = useQueryClient()
  const [made, setMade] = useState<MadeToken>()
  const counting = data?.tokens.filter((token) => token.standing === 'active').length ?? 0
  return (
    <Page title={m.tokens.title()} text={m.tokens.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.tokens.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.tokens.length === 0 ? <Notice tone="calm">{m.tokens.none()}</Notice> : null}
      {data === undefined || data.tokens.length === 0 ? null : (
        <HeldTable
          caption={m.tokens.title()}
          where={m.tokens.locations()}
          held={data.tokens.map((token) => heldToken(token, titled(locations)))}
          text={m.tokens.revokeText()}
          onEnd={revokeToken}
          onEnded={() => queries.invalidateQueries({ queryKey: tokensQuery.queryKey })}
        />
      )}
      {data === undefined ? null : (
        <MakeToken locations={locations} daysMax={data.days_max} max={data.max} full={counting >= data.max} onMade={setMade} />
      )}
      {made === undefined ? null : <Made made={made} onClose={() => setMade(undefined)} />}
    </Page>
  )
}
