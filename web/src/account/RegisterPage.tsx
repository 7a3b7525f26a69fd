import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, Clock, MailCheck } from 'lucide-react'
import type { FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { register, registrationQuery } from '../api/session'
import type { Registered, RegistrationForm } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Door } from './Door'
import { NewPerson, useNewPerson } from './NewPerson'

export function RegisterPage() {
  const { data, error, refetch } = useQuery(registrationQuery)
  const person = useNewPerson(data?.email_required === true)
  const send = useMutation({ mutationFn: (form: RegistrationForm) => register(form) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const form = person.check()
    if (form !== undefined) send.mutate(form)
  }
  if (send.data !== undefined) return <Result status={send.data.status} name={person.form.name.trim()} onAgain={send.reset} />
  if (error) return <Door title={m.door.register()}><Failure title={m.door.register()} error={error} onRetry={() => void refetch()} /></Door>
  if (data === undefined) return <Door title={m.door.register()}><Loading /></Door>
  if (data.mode === 'closed') return <Closed text={m.door.closedText()} />
  if (data.mode === 'invitation') return <Closed text={m.door.invitationText()} />
  return (
    <Door title={m.door.register()} text={texts[data.mode]()}>
      <form onSubmit={submit} noValidate>
        {send.error && fieldOf(send.error) === undefined ? <Notice tone="bad">{describe(send.error)}</Notice> : null}
        <NewPerson person={person} refused={send.error} />
        <Button look="primary" type="submit" pending={send.isPending}>
          {m.door.register()}
        </Button>
      </form>
      <p className="door-line">
        {m.door.haveAccount()} <SignInLink />
      </p>
    </Door>
  )
}

const texts = {
  open: () => m.door.registerText(),
  approval: () => m.door.registerApproval(),
  domains: () => m.door.registerDomains(),
}

function fieldOf(error: unknown): string | undefined {
  return isProblem(error) ? error.facts.field : undefined
}

/** Whether the name was free is not said to whoever asks; signing in tells who knows the password. */
function Result({ status, name, onAgain }: { status: Registered['status']; name: string; onAgain: () => void }) {
  if (status === 'check-mail') {
    return (
      <Door title={m.door.checkMail()}>
        <div className="door-result" role="status">
          <MailCheck size={28} className="ok" aria-hidden />
          <p>{m.door.checkMailText(name)}</p>
        </div>
        <p className="door-line">
          <SignInLink />
        </p>
      </Door>
    )
  }
  const pending = status === 'pending'
  return (
    <Door title={pending ? m.door.pending() : m.door.register()}>
      <div className="door-result" role="status">
        {pending ? <Clock size={28} className="warn" aria-hidden /> : <CircleCheck size={28} className="ok" aria-hidden />}
        <p>{pending ? m.door.pendingText(name) : m.door.welcome(name)}</p>
        <p className="muted">{m.door.perhapsTaken()}</p>
      </div>
      <p className="door-line">
        <SignInLink />
      </p>
      <Button onPress={onAgain}>{m.door.anotherName()}</Button>
    </Door>
  )
}

function Closed({ text }: { text: string }) {
  return (
    <Door title={m.door.closed()} text={text}>
      <p className="door-line">
        <SignInLink />
      </p>
    </Door>
  )
}

function SignInLink() {
  return (
    <Link to="/sign-in" className="link">
      {m.door.signIn()}
    </Link>
  )
}
