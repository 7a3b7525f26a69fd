import { useMutation } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { finishSignIn } from '../api/session'
import type { Session } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { CodeField, useFactorCode } from './CodeField'
import { Door } from './Door'

interface Props {
  onDone: (session: Session) => void
  /** Back to name and password, and why. */
  onOver: (why?: string) => void
}

/** The second step of signing in. */
export function SecondStep({ onDone, onOver }: Props) {
  const entry = useFactorCode()
  const enter = useMutation({
    gcTime: 0,
    mutationFn: () => finishSignIn(entry.code),
    onSuccess: onDone,
    onError: (error) => {
      // What was not judged is not typed again.
      if (isProblem(error, 'code-refused')) entry.setText('')
      if (isProblem(error, 'sign-in-over')) onOver(m.factor.over())
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!entry.missing) enter.mutate()
  }
  return (
    <Door title={m.factor.step()} text={m.factor.stepText()}>
      <form onSubmit={submit} noValidate>
        {enter.error ? <Notice tone="bad">{problemAt(enter.error)}</Notice> : null}
        <CodeField entry={entry} />
        <Button look="primary" type="submit" pending={enter.isPending}>
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
  return isProblem(error) && error.status === 429 ? m.door.throttled() : describe(error)
}
