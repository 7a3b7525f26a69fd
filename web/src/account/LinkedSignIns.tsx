import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link2, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { leaveFor, linkedQuery, unlink } from '../api/providers'
import type { Identity, Provider } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Identities } from '../ui/Identities'
import { Failure, Loading, Notice } from '../ui/Notice'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { providerProblem } from './provider-problem'

/** The account's section on single sign-on. */
export function LinkedSignIns() {
  const { data, error, isPending, refetch } = useQuery(linkedQuery)
  if (data !== undefined && data.providers.length === 0 && data.identities.length === 0) return null
  return (
    <section className="section narrow" aria-label={m.providers.title()}>
      <h2>{m.providers.title()}</h2>
      <p className="soft">{m.providers.text()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.providers.loadFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.identities.length === 0 ? <p>{m.providers.none()}</p> : null}
      {data === undefined || data.identities.length === 0 ? null : (
        <Identities identities={data.identities} Actions={Remove} />
      )}
      {data === undefined ? null : <Add providers={data.providers} />}
    </section>
  )
}

function Add({ providers }: { providers: readonly Provider[] }) {
  const leave = useMutation({ mutationFn: (id: string) => withProof(() => leaveFor('link', id, '/account')) })
  if (providers.length === 0) return <p className="soft">{m.providers.noneHere()}</p>
  return (
    <>
      {leave.error ? <Notice tone="bad">{providerProblem(leave.error)}</Notice> : null}
      <div className="row-actions row-start">
        {providers.map((provider) => (
          <Button key={provider.id} onPress={() => leave.mutate(provider.id)} pending={leave.isPending && leave.variables === provider.id}>
            <Link2 size={16} aria-hidden /> {m.providers.link(provider.name)}
          </Button>
        ))}
      </div>
      <p className="soft">{m.providers.signOutNote()}</p>
    </>
  )
}

function Remove({ identity }: { identity: Identity }) {
  const [open, setOpen] = useState(false)
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => withProof(() => unlink(identity.id)),
    onSuccess: () => toast(m.providers.removed(identity.provider)),
    onError: (error) => toast(providerProblem(error)),
    onSettled: async () => {
      setOpen(false)
      await queries.invalidateQueries({ queryKey: linkedQuery.queryKey })
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
          <p>{m.providers.removeText()}</p>
        </Confirm>
      ) : null}
    </>
  )
}
