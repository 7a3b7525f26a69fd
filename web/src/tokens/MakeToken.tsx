import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState, type FormEvent } from 'react'
import { makeToken, tokensQuery } from '../api/tokens'
import type { Location, MadeToken, TokenAction } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Field } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Select } from '../ui/Select'
import { withProof } from '../ui/step-up'

interface Props {
  locations: readonly Location[]
  daysMax: number
  max: number
  full: boolean
  onMade: (made: MadeToken) => void
}

const ACTIONS: readonly TokenAction[] = ['list', 'read', 'write', 'delete']
const CHOSEN: readonly TokenAction[] = ['list', 'read']
const LIVES = [7, 30, 90, 180]
const LIFE_CHOSEN = 90

/** The form that makes a token: reading is preselected, in no location; each token is chosen for anew. */
export function MakeToken({ locations, daysMax, max, full, onMade }: Props) {
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [actions, setActions] = useState(CHOSEN)
  const [days, setDays] = useState(String(Math.min(LIFE_CHOSEN, daysMax)))
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const make = useMutation({
    gcTime: 0,
    mutationFn: () =>
      withProof(() => makeToken({ name: name.trim(), locations: [...chosen], actions: [...actions], days: Number(days) })),
    onSuccess: async (made) => {
      onMade(made)
      setName('')
      setChosen([])
      setActions(CHOSEN)
      setTried(false)
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey })
    },
  })
  if (locations.length === 0) return <Notice tone="calm">{m.tokens.noLocations()}</Notice>
  if (full) return <Notice tone="warn">{m.tokens.full(max)}</Notice>
  const missing = { name: name.trim() === '', locations: chosen.length === 0, actions: actions.length === 0 }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (!missing.name && !missing.locations && !missing.actions) make.mutate()
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{m.tokens.make()}</h2>
      {make.error ? <Notice tone="bad">{describe(make.error)}</Notice> : null}
      <Field
        label={m.keys.name()}
        hint={m.tokens.nameHint()}
        value={name}
        onChange={setName}
        error={tried && missing.name ? m.keys.nameMissing() : undefined}
        required
      />
      <Ticks
        label={m.tokens.locations()}
        options={locations.map(({ id, title }) => ({ value: id, label: title }))}
        chosen={chosen}
        onChange={setChosen}
        error={tried && missing.locations ? m.tokens.locationMissing() : undefined}
      />
      <Ticks
        label={m.keys.may()}
        options={ACTIONS.map((action) => ({ value: action, label: m.tokens.action[action]() }))}
        chosen={actions}
        onChange={setActions}
        error={tried && missing.actions ? m.tokens.actionMissing() : undefined}
      />
      <Select label={m.keys.life()} value={days} options={lives(daysMax)} onChange={setDays} />
      <Button look="primary" type="submit" pending={make.isPending}>
        {m.tokens.make()}
      </Button>
    </form>
  )
}

interface TicksProps<T extends string> {
  label: string
  options: readonly { value: T; label: string }[]
  chosen: readonly T[]
  onChange: (chosen: readonly T[]) => void
  error: string | undefined
}

/** Several of several, in the order in which they are offered. */
function Ticks<T extends string>({ label, options, chosen, onChange, error }: TicksProps<T>) {
  const id = useId()
  const toggle = (value: T, on: boolean): void => {
    onChange(options.map((option) => option.value).filter((other) => (other === value ? on : chosen.includes(other))))
  }
  return (
    <fieldset className="ticks" aria-describedby={error === undefined ? undefined : id}>
      <legend>{label}</legend>
      {options.map((option) => (
        <Tick key={option.value} value={chosen.includes(option.value)} onChange={(on) => toggle(option.value, on)}>
          {option.label}
        </Tick>
      ))}
      {error === undefined ? null : (
        <p className="field-error" id={id} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}

function lives(daysMax: number): { value: string; label: string }[] {
  const offered = [...LIVES.filter((days) => days < daysMax), daysMax]
  return offered.map((days) => ({ value: String(days), label: m.keys.days(days) }))
}
