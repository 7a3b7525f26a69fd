import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useEffect, useState, type FormEvent } from 'react'
import { proveByPasskey, wasLeft } from '../api/passkeys'
import { isProblem } from '../api/problem'
import { leaveFor, linkedQuery } from '../api/providers'
import { prove } from '../api/second-factor'
import { sessionQuery } from '../api/session'
import type { Proof, Provider } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { PasswordField } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { onStepUp } from '../ui/step-up'
import { CodeField, useFactorCode } from './CodeField'
import { providerProblem } from './provider-problem'

interface Asked {
  proved: () => void
  left: () => void
}

/** Open while somebody is asked to prove once more who they are. */
export function StepUp() {
  const [asked, setAsked] = useState<Asked>()
  useEffect(() => onStepUp(setAsked), [])
  return asked === undefined ? null : <Ask asked={asked} />
}

function Ask({ asked }: { asked: Asked }) {
  const { data: session } = useQuery(sessionQuery)
  const [password, setPassword] = useState('')
  const factors = session?.second_factor
  const entry = useFactorCode(factors?.totp === true)
  const queries = useQueryClient()
  const withFactor = factors?.set === true
  const { data: linked } = useQuery({ ...linkedQuery, enabled: session !== undefined && !withFactor })
  const proofs = withFactor ? [] : (linked?.proofs ?? [])
  const send = useMutation({
    gcTime: 0,
    mutationFn: (proof: Proof | 'passkey') => (proof === 'passkey' ? proveByPasskey() : prove(proof)),
    onSuccess: (renewed) => {
      queries.setQueryData(sessionQuery.queryKey, renewed)
      asked.proved()
    },
    onError: async (error) => {
      // What was not judged is not typed again.
      if (isProblem(error, 'password-wrong')) setPassword('')
      if (isProblem(error, 'code-refused')) entry.setText('')
      // The second factor was set up in another tab: the other proof is asked for.
      if (isProblem(error, 'second-factor-needed')) {
        await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
      }
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (withFactor ? !entry.missing : password !== '') send.mutate(withFactor ? entry.code : { password })
  }
  const byProvider = linked?.password === false || factors?.provider === true
  if (proofs.length > 0 && byProvider) return <AtProvider proofs={proofs} left={asked.left} />
  return (
    <Dialog title={m.factor.stepUp()} onClose={asked.left} alert>
      <form className="dialog-form" onSubmit={submit} noValidate>
        <p>{withFactor ? m.factor.stepUpCode() : m.factor.stepUpPassword()}</p>
        {factors?.passkey === true ? (
          <div>
            <Button look="primary" onPress={() => send.mutate('passkey')} pending={send.isPending && send.variables === 'passkey'}>
              <KeyRound size={16} aria-hidden /> {m.passkeys.use()}
            </Button>
          </div>
        ) : null}
        {send.error ? <Notice tone="bad">{problemAt(send.error)}</Notice> : null}
        {withFactor ? <CodeField entry={entry} /> : <PasswordField label={m.door.password()} value={password} onChange={setPassword} />}
        <div className="foot">
          <Button onPress={asked.left}>{m.common.cancel()}</Button>
          <Button look={factors?.passkey === true ? 'plain' : 'primary'} type="submit" pending={send.isPending && send.variables !== 'passkey'}>
            {m.factor.goOn()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Of somebody without a password, or whose second factor is their provider's: the provider asks them. */
function AtProvider({ proofs, left }: { proofs: readonly Provider[]; left: () => void }) {
  const leave = useMutation({ mutationFn: (id: string) => leaveFor('proof', id, location.pathname) })
  return (
    <Dialog title={m.factor.stepUp()} onClose={left} alert>
      <p>{m.providers.stepUp()}</p>
      {leave.error ? <Notice tone="bad">{providerProblem(leave.error)}</Notice> : null}
      <div className="foot">
        <Button onPress={left}>{m.common.cancel()}</Button>
        {proofs.map((provider) => (
          <Button key={provider.id} look="primary" onPress={() => leave.mutate(provider.id)} pending={leave.isPending && leave.variables === provider.id}>
            {m.providers.prove(provider.name)}
          </Button>
        ))}
      </div>
    </Dialog>
  )
}

function problemAt(error: unknown): string {
  if (isProblem(error, 'code-refused')) return m.factor.refused()
  if (isProblem(error, 'passkey-refused')) return m.passkeys.refused()
  if (wasLeft(error)) return m.passkeys.left()
  return isProblem(error, 'password-wrong') ? m.account.wrongCurrent() : describe(error)
}
