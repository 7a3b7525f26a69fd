import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import { keysQuery, revokeKey } from '../api/keys'
import type { Key, MadeKey } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { accessOf } from './access'
import { Made } from './Made'
import { MakeKey } from './MakeKey'

/** A person's own access keys: list, make, revoke. The secret of a new one is shown once and kept nowhere. */
export function KeysPage() {
  const { data, error, isPending, refetch } = useQuery(keysQuery)
  const { data: locations = [] } = useQuery(locationsQuery)
  const [made, setMade] = useState<MadeKey>()
  const counting = data?.keys.filter((key) => key.standing === 'active').length ?? 0
  return (
    <Page title={m.keys.title()} text={m.keys.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.keys.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : data.available ? null : <Notice tone="calm">{m.keys.notHere()}</Notice>}
      {data === undefined || data.keys.length === 0 ? null : <Keys keys={countingFirst(data.keys)} titleOf={titles(locations)} />}
      {data?.available === true ? (
        <MakeKey locations={locations} daysMax={data.days_max} max={data.max} full={counting >= data.max} onMade={setMade} />
      ) : null}
      {made === undefined ? null : <Made made={made} onClose={() => setMade(undefined)} />}
    </Page>
  )
}

function countingFirst(keys: readonly Key[]): Key[] {
  return [...keys.filter((key) => key.standing === 'active'), ...keys.filter((key) => key.standing !== 'active')]
}

function titles(locations: readonly { id: string; title: string }[]): (id: string | null) => string {
  return (id) => locations.find((location) => location.id === id)?.title ?? m.keys.noLocation()
}

function Keys({ keys, titleOf }: { keys: readonly Key[]; titleOf: (id: string | null) => string }) {
  const [revoking, setRevoking] = useState<Key>()
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{m.keys.title()}</caption>
        <thead>
          <tr>
            <th scope="col">{m.keys.name()}</th>
            <th scope="col">{m.keys.location()}</th>
            <th scope="col">{m.keys.used()}</th>
            <th scope="col">{m.keys.ends()}</th>
            <th scope="col" className="end">
              {m.people.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id} className={key.standing === 'active' ? '' : 'ended'}>
              <th scope="row">
                {key.name} <code className="key-id">{key.id}</code>
              </th>
              <td data-label={m.keys.location()}>
                {titleOf(key.location)} <small className="soft">{m.keys.access[accessOf(key.actions)]()}</small>
              </td>
              <td data-label={m.keys.used()}>{key.used === null ? m.keys.never() : m.keys.usedAt(key.used.at, key.used.ip)}</td>
              <td data-label={m.keys.ends()}>{key.standing === 'active' ? m.keys.until(key.expires) : <Standing of={key} />}</td>
              <td className="end">
                {key.standing === 'revoked' || key.standing === 'expired' ? null : (
                  <Button look="quiet" label={m.keys.revoke(key.name)} onPress={() => setRevoking(key)}>
                    <Trash2 size={16} aria-hidden />
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoking === undefined ? null : <Revoke of={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  )
}

function Standing({ of: key }: { of: Key }) {
  return <span className="pill pill-bad">{m.keys.standing[key.standing]()}</span>
}

function Revoke({ of: key, onClose }: { of: Key; onClose: () => void }) {
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => revokeKey(key.id),
    onSuccess: async () => {
      toast(m.keys.revoked(key.name))
      onClose()
      await queries.invalidateQueries({ queryKey: keysQuery.queryKey })
    },
  })
  return (
    <Confirm
      title={m.keys.revokeTitle(key.name)}
      action={m.keys.revokeConfirm()}
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{m.keys.revokeText()}</p>
      {revoke.error ? <Notice tone="bad">{describe(revoke.error)}</Notice> : null}
    </Confirm>
  )
}
