import { useState } from 'react'
import { isProblem } from '../api/problem'
import type { RegistrationForm } from '../api/types'
import { m } from '../i18n/messages'
import { ALONE_MIN, Field, isLongEnough, PasswordField } from '../ui/Field'
import { describe } from '../ui/problems'

interface Draft {
  name: string
  email: string
  password: string
}

/** Name, e-mail and password of somebody new, for registration and for the first set-up. */
export function useNewPerson(emailRequired = false) {
  const [form, setForm] = useState<Draft>({ name: '', email: '', password: '' })
  const [tried, setTried] = useState(false)
  const wrong = {
    name: form.name.trim() === '' ? m.door.nameMissing() : undefined,
    email: emailRequired && form.email.trim() === '' ? m.door.emailMissing() : undefined,
    password: isLongEnough(form.password) ? undefined : m.door.passwordHint(ALONE_MIN),
  }
  /** The form, if it can be sent; otherwise the fields begin to say what is wrong. */
  const check = (): RegistrationForm | undefined => {
    setTried(true)
    if (wrong.name !== undefined || wrong.email !== undefined || wrong.password !== undefined) return undefined
    const email = form.email.trim()
    return { name: form.name.trim(), password: form.password, ...(email === '' ? {} : { email }) }
  }
  return { form, setForm, check, emailRequired, wrong: tried ? wrong : { name: undefined, email: undefined, password: undefined } }
}

interface Props {
  person: ReturnType<typeof useNewPerson>
  /** What the server said about the last attempt. */
  refused: unknown
}

export function NewPerson({ person: { form, setForm, emailRequired, wrong }, refused }: Props) {
  const said = (field: string): string | undefined =>
    isProblem(refused) && refused.facts.field === field ? describe(refused) : undefined
  return (
    <>
      <Field
        label={m.door.name()}
        hint={m.door.nameHint()}
        value={form.name}
        onChange={(name) => setForm({ ...form, name })}
        error={wrong.name ?? said('name')}
        autoComplete="username"
        required
        autoFocus
      />
      <Field
        label={m.door.email()}
        type="email"
        value={form.email}
        onChange={(email) => setForm({ ...form, email })}
        error={wrong.email ?? said('email')}
        {...(emailRequired ? { hint: m.door.emailHint() } : {})}
        required={emailRequired}
        autoComplete="email"
      />
      <PasswordField
        label={m.door.password()}
        value={form.password}
        onChange={(password) => setForm({ ...form, password })}
        error={wrong.password ?? said('password')}
        fresh
      />
    </>
  )
}
