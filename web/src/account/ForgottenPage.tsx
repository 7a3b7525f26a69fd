import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { MailCheck } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { askPasswordLink } from '../api/mail'
import { isProblem } from '../api/problem'
import { registrationQuery } from '../api/session'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Door } from './Door'

/** For whoever forgot the password: by mail, or by an administrator where mail is not set up. */
export function ForgottenPage() {
  const { data, error, refetch } = useQuery(registrationQuery)
  if (error) return <Door title={m.forgotten.title()}><Failure title={m.forgotten.title()} error={error} onRetry={() => void refetch()} /></Door>
  if (data === undefined) return <Door title={m.forgotten.title()}><Loading /></Door>
  if (!data.mail) return <Door title={m.forgotten.title()} text={m.forgotten.noMail()}><Back /></Door>
  return <Ask />
}

function Ask() {
  const [who, setWho] = useState('')
  const [tried, setTried] = useState(false)
  const ask = useMutation({ mutationFn: () => askPasswordLink(who.trim()) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (who.trim() !== '') ask.mutate()
  }
  if (ask.isSuccess) {
    return (
      <Door title={m.forgotten.asked()}>
        <div className="door-result" role="status">
          <MailCheck size={28} className="ok" aria-hidden />
          <p>{m.forgotten.askedText()}</p>
        </div>
        <p className="soft">{m.forgotten.nothingCame()}</p>
        <Back />
      </Door>
    )
  }
  return (
    <Door title={m.forgotten.title()} text={m.forgotten.text()}>
      <form onSubmit={submit} noValidate>
        {ask.error ? <Notice tone="bad">{problemAt(ask.error)}</Notice> : null}
        <Field
          label={m.forgotten.who()}
          value={who}
          onChange={setWho}
          error={tried && who.trim() === '' ? m.forgotten.whoMissing() : undefined}
          autoComplete="username"
          required
          autoFocus
        />
        <Button look="primary" type="submit" pending={ask.isPending}>
          {m.forgotten.submit()}
        </Button>
      </form>
      <Back />
    </Door>
  )
}

function problemAt(error: unknown): string {
  return isProblem(error) && error.status === 429 ? m.door.throttled() : describe(error)
}

function Back() {
  return (
    <p className="door-line">
      <Link to="/sign-in" className="link">
        {m.door.signIn()}
      </Link>
    </p>
  )
}
