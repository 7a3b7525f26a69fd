import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { ownEmailQuery, removeEmail, wantEmail } from '../api/mail'
import type { OwnEmail } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'

/** The account's section on the mail address: whether it is checked, and changing it. */
export function Email() {
  const { data, error, isPending, refetch } = useQuery(ownEmailQuery)
  return (
    <section className="section narrow" aria-label={m.email.title()}>
      <h2>{m.email.title()}</h2>
      <p className="soft">{m.email.text()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.email.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Own own={data} />}
    </section>
  )
}

function Own({ own }: { own: OwnEmail }) {
  const [email, setEmail] = useState('')
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ownEmailQuery.queryKey })
  const want = useMutation({
    mutationFn: (address: string) => withProof(() => wantEmail(address)),
    onSuccess: (_done, address) => {
      setEmail('')
      toast(m.email.sent(address))
    },
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: () => withProof(removeEmail),
    onSuccess: () => toast(m.email.removed()),
    onError: (failed) => toast(describe(failed)),
    onSettled: refresh,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (email.trim() !== '') want.mutate(email.trim())
  }
  const again = own.wanted?.email ?? (own.checked ? undefined : own.email ?? undefined)
  return (
    <form onSubmit={submit} noValidate>
      <Address own={own} />
      {own.wanted ? <Notice tone="calm">{m.email.wanted(own.wanted.email, own.wanted.expires)}</Notice> : null}
      <Field
        label={own.email === null ? m.email.give() : m.email.another()}
        type="email"
        value={email}
        onChange={setEmail}
        error={want.error ? describe(want.error) : undefined}
        autoComplete="email"
        required
      />
      <div className="row-actions row-start">
        <Button type="submit" look="primary" pending={want.isPending}>
          {m.email.send()}
        </Button>
        {again === undefined ? null : (
          <Button onPress={() => want.mutate(again)} pending={want.isPending}>
            {m.email.again(again)}
          </Button>
        )}
        {own.email === null ? null : (
          <Button onPress={() => remove.mutate()} pending={remove.isPending}>
            {m.email.remove()}
          </Button>
        )}
      </div>
    </form>
  )
}

function Address({ own: { email, checked } }: { own: OwnEmail }) {
  if (email === null) return <p>{m.email.none()}</p>
  return (
    <p>
      {email} <span className={checked ? 'pill pill-ok' : 'pill pill-warn'}>{checked ? m.email.checked() : m.email.unchecked()}</span>
    </p>
  )
}
