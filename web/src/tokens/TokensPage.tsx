import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import { revokeToken, tokensQuery } from '../api/tokens'
import type { MadeToken, Token } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { Made } from './Made'
import { MakeToken } from './MakeToken'

/** A person's API tokens: list, make, revoke. A new one is shown once and kept nowhere. */
export function TokensPage() {
  const { data, error, isPending, refetch } = useQuery(tokensQuery)
  const { data: locations = [] } = useQuery(locationsQuery)
  const [made, setMade] = useState<MadeToken>()
  const counting = data?.tokens.filter((token) => token.standing === 'active').length ?? 0
  return (
    <Page title={m.tokens.title()} text={m.tokens.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.tokens.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.tokens.length === 0 ? <Notice tone="calm">{m.tokens.none()}</Notice> : null}
      {data === undefined || data.tokens.length === 0 ? null : (
        <Tokens tokens={countingFirst(data.tokens)} titleOf={titles(locations)} />
      )}
      {data === undefined ? null : (
        <MakeToken locations={locations} daysMax={data.days_max} max={data.max} full={counting >= data.max} onMade={setMade} />
      )}
      {made === undefined ? null : <Made made={made} onClose={() => setMade(undefined)} />}
    </Page>
  )
}

function countingFirst(tokens: readonly Token[]): Token[] {
  return [...tokens.filter((token) => token.standing === 'active'), ...tokens.filter((token) => token.standing !== 'active')]
}

function titles(locations: readonly { id: string; title: string }[]): (ids: readonly string[]) => string {
  return (ids) => {
    const held = locations.filter(({ id }) => ids.includes(id)).map(({ title }) => title)
    return held.length === 0 ? m.keys.noLocation() : held.join(', ')
  }
}

function Tokens({ tokens, titleOf }: { tokens: readonly Token[]; titleOf: (ids: readonly string[]) => string }) {
  const [revoking, setRevoking] = useState<Token>()
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{m.tokens.title()}</caption>
        <thead>
          <tr>
            <th scope="col">{m.keys.name()}</th>
            <th scope="col">{m.tokens.locations()}</th>
            <th scope="col">{m.keys.used()}</th>
            <th scope="col">{m.keys.ends()}</th>
            <th scope="col" className="end">
              {m.people.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id} className={token.standing === 'active' ? '' : 'ended'}>
              <th scope="row">{token.name}</th>
              <td data-label={m.tokens.locations()}>
                {titleOf(token.locations)} <small className="soft">{token.actions.map((action) => m.tokens.action[action]()).join(', ')}</small>
              </td>
              <td data-label={m.keys.used()}>{token.used === null ? m.keys.never() : m.keys.usedAt(token.used.at, token.used.ip)}</td>
              <td data-label={m.keys.ends()}>
                {token.standing === 'active' ? (
                  m.keys.until(token.expires)
                ) : (
                  <span className="pill pill-bad">{m.tokens.standing[token.standing]()}</span>
                )}
              </td>
              <td className="end">
                {token.standing === 'active' ? (
                  <Button look="quiet" label={m.keys.revoke(token.name)} onPress={() => setRevoking(token)}>
                    <Trash2 size={16} aria-hidden />
                  </Button>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoking === undefined ? null : <Revoke of={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  )
}

function Revoke({ of: token, onClose }: { of: Token; onClose: () => void }) {
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: async () => {
      toast(m.keys.revoked(token.name))
      onClose()
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey })
    },
  })
  return (
    <Confirm
      title={m.keys.revokeTitle(token.name)}
      action={m.keys.revokeConfirm()}
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{m.tokens.revokeText()}</p>
      {revoke.error ? <Notice tone="bad">{describe(revoke.error)}</Notice> : null}
    </Confirm>
  )
}
