import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { keysQuery, makeKey } from '../api/keys'
import { isProblem } from '../api/problem'
import type { Location, MadeKey } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Choice } from '../ui/Choice'
import { Field, PasswordField } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Select } from '../ui/Select'
import { withProof } from '../ui/step-up'
import { actionsFor, type Access } from '../ui/access'

interface Props {
  locations: readonly Location[]
  daysMax: number
  max: number
  full: boolean
  onMade: (made: MadeKey) => void
}

const LIVES = [7, 30, 90, 180, 366]
const LIFE_CHOSEN = 30

/** The form that makes a key: the least is preselected, and the password is asked for once more. */
export function MakeKey({ locations, daysMax, max, full, onMade }: Props) {
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState('')
  const [access, setAccess] = useState<Access>('read')
  const [days, setDays] = useState(String(Math.min(LIFE_CHOSEN, daysMax)))
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const location = locations.find(({ id }) => id === chosen)?.id ?? locations[0]?.id ?? ''
  const make = useMutation({
    gcTime: 0,
    mutationFn: () => withProof(() => makeKey({ name: name.trim(), location, days: Number(days), actions: actionsFor(access), password })),
    onSuccess: async (made) => {
      onMade(made)
      setName('')
      setTried(false)
      await queries.invalidateQueries({ queryKey: keysQuery.queryKey })
    },
    onSettled: () => setPassword(''),
  })
  if (locations.length === 0) return <Notice tone="calm">{m.keys.noLocations()}</Notice>
  if (full) return <Notice tone="warn">{m.keys.full(max)}</Notice>
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (name.trim() !== '' && password !== '') make.mutate()
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{m.keys.make()}</h2>
      {make.error ? <Notice tone="bad">{problemOf(make.error)}</Notice> : null}
      <Field
        label={m.keys.name()}
        hint={m.keys.nameHint()}
        value={name}
        onChange={setName}
        error={tried && name.trim() === '' ? m.keys.nameMissing() : undefined}
        required
      />
      <Select
        label={m.keys.location()}
        value={location}
        options={locations.map(({ id, title }) => ({ value: id, label: title }))}
        onChange={setChosen}
      />
      <Choice
        label={m.keys.may()}
        value={access}
        options={[
          { value: 'read', label: m.keys.access.read(), text: m.keys.readText() },
          { value: 'upload', label: m.keys.access.upload(), text: m.keys.uploadText() },
          { value: 'all', label: m.keys.access.all(), text: m.keys.allText() },
        ]}
        onChange={setAccess}
      />
      <Select label={m.keys.life()} value={days} options={lives(daysMax)} onChange={setDays} />
      <PasswordField
        label={m.keys.password()}
        value={password}
        onChange={setPassword}
        error={tried && password === '' && !make.isPending ? m.keys.passwordMissing() : undefined}
      />
      <Button look="primary" type="submit" pending={make.isPending}>
        {m.keys.make()}
      </Button>
    </form>
  )
}

function lives(daysMax: number): { value: string; label: string }[] {
  const offered = [...LIVES.filter((days) => days < daysMax), daysMax]
  return offered.map((days) => ({ value: String(days), label: m.keys.days(days) }))
}

function problemOf(error: unknown): string {
  return isProblem(error) && error.code === 'password-wrong' ? m.account.wrongCurrent() : describe(error)
}
