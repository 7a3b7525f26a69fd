import { useMutation } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import type { FormEvent } from 'react'
import { finishByPasskey, wasLeft } from '../api/passkeys'
import { isProblem } from '../api/problem'
import { finishSignIn } from '../api/session'
import type { FactorsNeeded, Session } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { CodeField, useFactorCode } from './CodeField'
import { Door } from './Door'

interface Props {
  needed: FactorsNeeded
  onDone: (session: Session) => void
  /** Back to name and password, and why. */
  onOver: (why?: string) => void
}

/** The second step of signing in. */
export function SecondStep({ needed, onDone, onOver }: Props) {
  const entry = useFactorCode(needed.totp)
  const enter = useMutation({
    gcTime: 0,
    mutationFn: (byPasskey: boolean) => (byPasskey ? finishByPasskey() : finishSignIn(entry.code)),
    onSuccess: onDone,
    onError: (error) => {
      // What was not judged is not typed again.
      if (isProblem(error, 'code-refused')) entry.setText('')
      if (isProblem(error, 'sign-in-over')) onOver(m.factor.over())
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!entry.missing) enter.mutate(false)
  }
  return (
    <Door title={needed.totp ? m.factor.step() : m.passkeys.step()} text={needed.totp ? m.factor.stepText() : m.passkeys.stepText()}>
      {needed.passkey ? (
        <div className="door-passkey">
          <Button look="primary" onPress={() => enter.mutate(true)} pending={enter.isPending && enter.variables}>
            <KeyRound size={16} aria-hidden /> {m.passkeys.use()}
          </Button>
        </div>
      ) : null}
      <form onSubmit={submit} noValidate>
        {enter.error ? <Notice tone="bad">{problemAt(enter.error)}</Notice> : null}
        <CodeField entry={entry} />
        <Button look={needed.passkey ? 'plain' : 'primary'} type="submit" pending={enter.isPending && !enter.variables}>
          {m.door.signIn()}
        </Button>
      </form>
      <p className="door-line">
        <Button look="quiet" onPress={() => onOver()}>
          {m.factor.back()}
        </Button>
      </p>
    </Door>
  )
}

function problemAt(error: unknown): string {
  if (isProblem(error, 'code-refused')) return m.factor.refused()
  if (isProblem(error, 'passkey-refused')) return m.passkeys.refused()
  if (isProblem(error, 'password-sign-in-closed')) return m.door.guessedAt()
  if (wasLeft(error)) return m.passkeys.left()
  return isProblem(error) && error.status === 429 ? m.door.throttled() : describe(error)
}
