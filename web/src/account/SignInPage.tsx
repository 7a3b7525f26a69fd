import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { registrationQuery, sessionQuery, setupQuery, signIn } from '../api/session'
import type { FactorsNeeded, Session } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field, PasswordField } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { ByPasskey } from './ByPasskey'
import { ByProvider } from './ByProvider'
import { Door } from './Door'
import { SecondStep } from './SecondStep'

export function SignInPage() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [needed, setNeeded] = useState<FactorsNeeded>()
  const [over, setOver] = useState<string>()
  const setup = useQuery(setupQuery)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const next = useNext()
  const go = async (session: Session): Promise<void> => {
    queries.setQueryData(sessionQuery.queryKey, session)
    await navigate({ to: next })
  }
  const enter = useMutation({
    mutationFn: () => signIn(name.trim(), password),
    onSuccess: (answer) => ('person' in answer ? go(answer) : setNeeded(answer)),
    onSettled: () => {
      setPassword('')
      setOver(undefined)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    enter.mutate()
  }
  if (setup.data?.needed === true) {
    return (
      <Door title={m.door.notSetUp()}>
        <p>{m.door.notSetUpText()}</p>
      </Door>
    )
  }
  if (needed?.new_password) return <TooShort page={needed.new_password} />
  if (needed !== undefined) {
    const begin = (why?: string): void => {
      setNeeded(undefined)
      setOver(why)
    }
    return <SecondStep needed={needed} onDone={(session) => void go(session)} onOver={begin} />
  }
  return (
    <Door title={m.door.signIn()} text={m.door.signInText()}>
      <form onSubmit={submit}>
        {over === undefined ? null : <Notice tone="warn">{over}</Notice>}
        {enter.error ? <Notice tone="bad">{problemAt(enter.error)}</Notice> : null}
        <Field label={m.door.name()} value={name} onChange={setName} autoComplete="username" required autoFocus />
        <PasswordField label={m.door.password()} value={password} onChange={setPassword} />
        <Button look="primary" type="submit" pending={enter.isPending}>
          {m.door.signIn()}
        </Button>
      </form>
      <ForgottenLine />
      <ByPasskey onDone={(session) => void go(session)} />
      <ByProvider next={next} />
      <RegisterLine />
    </Door>
  )
}

/** Where mail is not set up, the way is an administrator's. */
function ForgottenLine() {
  const { data } = useQuery(registrationQuery)
  if (data === undefined) return null
  if (!data.mail) return <p className="door-line soft">{m.door.forgottenAsk()}</p>
  return (
    <p className="door-line">
      <Link to="/forgotten-password" className="link">
        {m.forgotten.link()}
      </Link>
    </p>
  )
}

/** The password is right, and too short now that there is no second step. */
function TooShort({ page }: { page: string }) {
  return (
    <Door title={m.door.tooShort()} text={m.door.tooShortText()}>
      <p className="door-line">
        <a href={page} className="btn btn-primary">
          {m.door.longerPassword()}
        </a>
      </p>
    </Door>
  )
}

function RegisterLine() {
  const { data } = useQuery(registrationQuery)
  if (data === undefined || data.mode === 'closed') return null
  return (
    <p className="door-line">
      {m.door.noAccount()}{' '}
      <Link to="/register" className="link">
        {m.door.register()}
      </Link>
    </p>
  )
}

/** Where the person wanted to go; only ever a path of our own. */
function useNext(): string {
  const next = useLocation({ select: (location) => new URLSearchParams(location.searchStr).get('next') })
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/'
}

function problemAt(error: unknown): string {
  if (!isProblem(error)) return describe(error)
  switch (error.code) {
    case 'login-throttled':
    case 'throttled':
      return m.door.throttled()
    case 'password-sign-in-closed':
      return m.door.guessedAt()
    case 'awaiting-approval':
      return m.door.awaiting()
    case 'awaiting-mail-check':
      return m.door.awaitingCheck()
    case 'person-disabled':
      return m.door.disabled()
    default:
      return error.status === 401 ? m.door.wrong() : describe(error)
  }
}
