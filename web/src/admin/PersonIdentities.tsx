import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useCallback, useState } from 'react'
import { identitiesOfQuery, unlinkOf } from '../api/providers'
import type { Identity } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Identities } from '../ui/Identities'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'

/** The sign-ins that a person has linked, for administrators: seen, and taken away. */
export function PersonIdentities({ uid }: { uid: string }) {
  const { data, error, isPending, refetch } = useQuery(identitiesOfQuery(uid))
  const Remove = useCallback(({ identity }: { identity: Identity }) => <Unlink uid={uid} identity={identity} />, [uid])
  return (
    <section className="section" aria-label={m.providers.ofPerson()}>
      <h2>{m.providers.ofPerson()}</h2>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.providers.loadFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <p className="soft">{m.providers.noneOfPerson()}</p> : null}
      {data === undefined || data.length === 0 ? null : <Identities identities={data} Actions={Remove} />}
    </section>
  )
}

function Unlink({ uid, identity }: { uid: string; identity: Identity }) {
  const [open, setOpen] = useState(false)
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => withProof(() => unlinkOf(uid, identity.id)),
    onSuccess: async () => {
      setOpen(false)
      toast(m.providers.removed(identity.provider))
      await queries.invalidateQueries({ queryKey: identitiesOfQuery(uid).queryKey })
    },
  })
  return (
    <>
      <Button look="quiet" label={m.providers.removeOf(identity.provider)} onPress={() => setOpen(true)}>
        <Trash2 size={16} aria-hidden />
      </Button>
      {open ? (
        <Confirm
          title={m.providers.removeTitle(identity.provider)}
          action={m.providers.remove()}
          pending={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setOpen(false)}
        >
          <p>{m.providers.removeOfPersonText()}</p>
          {remove.error ? <Notice tone="bad">{describe(remove.error)}</Notice> : null}
        </Confirm>
      ) : null}
    </>
  )
}
