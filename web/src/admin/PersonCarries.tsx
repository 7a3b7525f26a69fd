import { useQuery, useQueryClient } from '@tanstack/react-query'
import { effectiveQuery } from '../api/admin'
import { keysOfQuery, revokeKeyOf } from '../api/keys'
import { revokeTokenOf, tokensOfQuery } from '../api/tokens'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { heldKey, heldToken, titled } from '../ui/held'
import { HeldTable } from '../ui/HeldTable'
import { Failure, Loading, Notice } from '../ui/Notice'
import { withProof } from '../ui/step-up'

/** The API tokens of a person, for administrators: seen, and ended. */
export function PersonTokens({ uid }: { uid: string }) {
  const query = tokensOfQuery(uid)
  const { data, error, isPending, refetch } = useQuery(query)
  const { data: places = [] } = useQuery(effectiveQuery(uid))
  const queries = useQueryClient()
  return (
    <section className="section">
      <h2>{ma.people.tokens()}</h2>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.people.tokensFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <Notice tone="calm">{ma.people.noTokens()}</Notice> : null}
      {data === undefined || data.length === 0 ? null : (
        <HeldTable
          caption={ma.people.tokens()}
          where={m.tokens.locations()}
          held={data.map((token) => heldToken(token, titled(places)))}
          text={m.tokens.revokeText()}
          onEnd={(id) => withProof(() => revokeTokenOf(uid, id))}
          onEnded={() => queries.invalidateQueries({ queryKey: query.queryKey })}
        />
      )}
    </section>
  )
}

/** The access keys of a person, for administrators: seen, and ended. */
export function PersonKeys({ uid }: { uid: string }) {
  const query = keysOfQuery(uid)
  const { data, error, isPending, refetch } = useQuery(query)
  const { data: places = [] } = useQuery(effectiveQuery(uid))
  const queries = useQueryClient()
  return (
    <section className="section">
      <h2>{ma.people.keys()}</h2>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.people.keysFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <Notice tone="calm">{ma.people.noKeys()}</Notice> : null}
      {data === undefined || data.length === 0 ? null : (
        <HeldTable
          caption={ma.people.keys()}
          where={m.keys.location()}
          held={data.map((key) => heldKey(key, titled(places)))}
          text={m.keys.revokeText()}
          onEnd={(id) => withProof(() => revokeKeyOf(uid, id))}
          onEnded={() => queries.invalidateQueries({ queryKey: query.queryKey })}
        />
      )}
    </section>
  )
}
