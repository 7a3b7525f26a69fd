import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { grantsQuery, peopleQuery, removeGrant } from '../api/admin'
import type { Grant } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { AddGrant } from './AddGrant'

export function GrantsPage() {
  const { uid } = useParams({ from: '/signed-in/administration/people/$uid' })
  const { data: people } = useQuery(peopleQuery)
  const { data, error, isPending, refetch } = useQuery(grantsQuery(uid))
  const name = people?.find((person) => person.uid === uid)?.name ?? uid
  const back = (
    <Link to="/people" className="link">
      <ArrowLeft size={15} aria-hidden /> {m.grants.back()}
    </Link>
  )
  return (
    <Page title={m.people.grantsOf(name)} text={m.grants.text()} actions={back}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.grants.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <Notice tone="calm">{m.grants.none()}</Notice> : null}
      {data !== undefined && data.length > 0 ? <Grants uid={uid} grants={data} /> : null}
      <AddGrant uid={uid} />
    </Page>
  )
}

function Grants({ uid, grants }: { uid: string; grants: readonly Grant[] }) {
  const [removing, setRemoving] = useState<Grant>()
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{m.people.grants()}</caption>
        <thead>
          <tr>
            <th scope="col">{m.grants.titleLabel()}</th>
            <th scope="col">{m.grants.role()}</th>
            <th scope="col">{m.grants.prefix()}</th>
            <th scope="col" className="end">
              {m.people.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {grants.map((grant) => (
            <tr key={grant.id}>
              <th scope="row">
                {grant.title} <small className="soft">{m.grants.since(grant.created)}</small>
              </th>
              <td data-label={m.grants.role()}>{grant.role}</td>
              <td data-label={m.grants.prefix()}>
                <code>{grant.prefix === '' ? `${grant.bucket} (${m.grants.wholeBucket()})` : grant.prefix}</code>
              </td>
              <td className="end">
                <Button look="quiet" label={m.grants.remove(grant.title)} onPress={() => setRemoving(grant)}>
                  <Trash2 size={16} aria-hidden />
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {removing === undefined ? null : <RemoveGrant uid={uid} grant={removing} onClose={() => setRemoving(undefined)} />}
    </>
  )
}

function RemoveGrant({ uid, grant, onClose }: { uid: string; grant: Grant; onClose: () => void }) {
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => withProof(() => removeGrant(grant.id)),
    onSuccess: async () => {
      toast(m.grants.removed())
      onClose()
      await queries.invalidateQueries({ queryKey: grantsQuery(uid).queryKey })
    },
  })
  return (
    <Confirm
      title={m.grants.removeTitle(grant.title)}
      action={m.grants.removeConfirm()}
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{m.grants.removeText()}</p>
      {remove.error ? <Notice tone="bad">{describe(remove.error)}</Notice> : null}
    </Confirm>
  )
}
