import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { setPasswordByLink } from '../api/session'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { BESIDE_MIN, isLongEnough, PasswordField } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Door, DoorDone } from './Door'
import { useToken } from './token'

/** Reached by a link by which somebody sets their own password. */
export function NewPasswordPage() {
  const token = useToken()
  if (token === undefined) return <Door title={m.newPassword.noToken()} text={m.newPassword.noTokenText()}>{null}</Door>
  return <NewPassword token={token} />
}

function NewPassword({ token }: { token: string }) {
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const set = useMutation({ mutationFn: () => setPasswordByLink(token, password) })
  const atField = isProblem(set.error) && set.error.facts.field === 'password'
  const short = tried && !isLongEnough(password, BESIDE_MIN) ? m.newPassword.hint() : undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (isLongEnough(password, BESIDE_MIN)) set.mutate()
  }
  if (set.isSuccess) return <DoorDone title={m.newPassword.done()} text={m.newPassword.doneText()} />
  return (
    <Door title={m.newPassword.title()} text={m.newPassword.text()}>
      <form onSubmit={submit} noValidate>
        {set.error && !atField ? <Notice tone="bad">{describe(set.error)}</Notice> : null}
        <PasswordField
          label={m.newPassword.label()}
          value={password}
          onChange={setPassword}
          error={atField ? describe(set.error) : short}
          fresh
          min={BESIDE_MIN}
          hint={m.newPassword.hint()}
        />
        <Button look="primary" type="submit" pending={set.isPending}>
          {m.newPassword.submit()}
        </Button>
      </form>
    </Door>
  )
}
