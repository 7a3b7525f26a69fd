import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { acceptInvitation, invitationQuery } from '../api/session'
import type { OfferedInvitation } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { ALONE_MIN, Field, isLongEnough, PasswordField } from '../ui/Field'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Door, DoorDone } from './Door'
import { useToken } from './token'

/** Reached by the link of an invitation. */
export function InvitationPage() {
  const token = useToken()
  if (token === undefined) return <Door title={m.invitation.noToken()} text={m.invitation.refusedText()}>{null}</Door>
  return <WithToken token={token} />
}

function WithToken({ token }: { token: string }) {
  const { data, error, refetch } = useQuery(invitationQuery(token))
  const [came, setCame] = useState(false)
  if (came) return <DoorDone title={m.invitation.done()} text={m.invitation.doneText()} />
  if (isProblem(error) && error.status === 403) {
    return <Door title={m.invitation.refused()} text={m.invitation.refusedText()}>{null}</Door>
  }
  if (error) {
    return (
      <Door title={m.invitation.title()}>
        <Failure title={m.invitation.title()} error={error} onRetry={() => void refetch()} />
      </Door>
    )
  }
  if (data === undefined) return <Door title={m.invitation.title()}><Loading /></Door>
  return <Accept token={token} offered={data} onDone={() => setCame(true)} />
}

function Accept({ token, offered, onDone }: { token: string; offered: OfferedInvitation; onDone: () => void }) {
  const [form, setForm] = useState({ name: offered.name ?? '', email: offered.email ?? '', password: '' })
  const [tried, setTried] = useState(false)
  const accept = useMutation({ mutationFn: acceptInvitation, onSuccess: onDone })
  const [name, email] = [form.name.trim(), form.email.trim()]
  const said = (field: string): string | undefined =>
    isProblem(accept.error) && accept.error.facts.field === field ? describe(accept.error) : undefined
  const elsewhere = accept.error !== null && !['name', 'email', 'password'].some((field) => said(field) !== undefined)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (name === '' || !isLongEnough(form.password)) return
    accept.mutate({ token, name, password: form.password, ...(email === '' ? {} : { email }) })
  }
  return (
    <Door title={m.invitation.title()} text={m.invitation.text(offered.expires)}>
      <form onSubmit={submit} noValidate>
        {elsewhere ? <Notice tone="bad">{describe(accept.error)}</Notice> : null}
        {offered.name === null ? (
          <Field
            label={m.door.name()}
            hint={m.door.nameHint()}
            value={form.name}
            onChange={(to) => setForm({ ...form, name: to })}
            error={said('name') ?? (tried && name === '' ? m.door.nameMissing() : undefined)}
            autoComplete="username"
            required
            autoFocus
          />
        ) : (
          <p>{m.invitation.named(offered.name)}</p>
        )}
        {said('name') !== undefined && offered.name !== null ? <Notice tone="bad">{said('name')}</Notice> : null}
        {offered.email === null ? (
          <Field
            label={m.door.email()}
            type="email"
            value={form.email}
            onChange={(to) => setForm({ ...form, email: to })}
            error={said('email')}
            autoComplete="email"
          />
        ) : null}
        <PasswordField
          label={m.door.password()}
          value={form.password}
          onChange={(password) => setForm({ ...form, password })}
          error={said('password') ?? (tried && !isLongEnough(form.password) ? m.door.passwordHint(ALONE_MIN) : undefined)}
          fresh
        />
        <Button look="primary" type="submit" pending={accept.isPending}>
          {m.door.register()}
        </Button>
      </form>
    </Door>
  )
}
