import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { offerFactor, removeFactor, replaceRecoveryCodes, secondFactorQuery } from '../api/second-factor'
import { sessionQuery } from '../api/session'
import { ownSessionsQuery } from '../api/sessions'
import type { SecondFactor } from '../api/types'
import { date } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { RecoveryCodes } from './RecoveryCodes'
import { SetUpFactor } from './SetUpFactor'

/** With this few codes left it is time for new ones. */
const FEW = 3

/** The account's section on two-step sign-in. */
export function TwoStep() {
  const { data, error, isPending, refetch } = useQuery(secondFactorQuery)
  return (
    <section className="section narrow" aria-label={m.factor.title()}>
      <h2>{m.factor.title()}</h2>
      <p className="soft">{m.factor.text()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.factor.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <State state={data} />}
    </section>
  )
}

function State({ state }: { state: SecondFactor }) {
  const { data: session } = useQuery(sessionQuery)
  const [codes, setCodes] = useState<readonly string[]>()
  const [removing, setRemoving] = useState(false)
  const queries = useQueryClient()
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: secondFactorQuery.queryKey })
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
    await queries.invalidateQueries({ queryKey: ownSessionsQuery.queryKey })
  }
  const offer = useMutation({ gcTime: 0, mutationFn: () => withProof(offerFactor), onError: failed })
  const replace = useMutation({
    gcTime: 0,
    mutationFn: () => withProof(replaceRecoveryCodes),
    onSuccess: async (made) => {
      setCodes(made)
      await refresh()
    },
    onError: failed,
  })
  const remove = useMutation({
    mutationFn: () => withProof(removeFactor),
    onSuccess: async () => {
      toast(m.factor.removed())
      await refresh()
    },
    onError: failed,
    onSettled: () => setRemoving(false),
  })
  const done = (made: readonly string[]): void => {
    offer.reset()
    setCodes(made)
  }
  const set = typeof state.since === 'string'
  const passkey = session?.second_factor.passkey === true
  return (
    <>
      {set ? <On since={state.since ?? ''} /> : <Off required={state.required && !passkey} />}
      {set || passkey ? <CodesLeft left={state.recovery_codes_left} /> : null}
      <div className="row-actions row-start">
        <Button look={set || passkey ? 'plain' : 'primary'} onPress={() => offer.mutate()} pending={offer.isPending}>
          {set ? m.factor.another() : m.factor.setUp()}
        </Button>
        {set || passkey ? (
          <Button onPress={() => replace.mutate()} pending={replace.isPending}>
            {m.factor.newCodes()}
          </Button>
        ) : null}
        {set ? <Button onPress={() => setRemoving(true)}>{m.factor.remove()}</Button> : null}
      </div>
      {offer.data === undefined ? null : <SetUpFactor offer={offer.data} onDone={done} onClose={() => offer.reset()} />}
      {codes === undefined ? null : <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
      {removing ? (
        <Confirm
          title={m.factor.removeTitle()}
          action={m.factor.remove()}
          pending={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setRemoving(false)}
        >
          <p>{passkey ? m.factor.removePasskeyLeft() : state.required ? m.factor.removeRequired() : m.factor.removeText()}</p>
        </Confirm>
      ) : null}
    </>
  )
}

const failed = (error: unknown): void => toast(describe(error))

function On({ since }: { since: string }) {
  return (
    <p>
      <span className="pill pill-ok">{m.factor.on()}</span> {m.factor.since(date(since))}
    </p>
  )
}

function CodesLeft({ left }: { left: number }) {
  return left <= FEW ? <Notice tone="warn">{m.factor.codesLeft(left)}</Notice> : <p className="soft">{m.factor.codesLeft(left)}</p>
}

function Off({ required }: { required: boolean }) {
  return required ? <Notice tone="warn">{m.factor.requiredHere()}</Notice> : <p>{m.factor.off()}</p>
}
