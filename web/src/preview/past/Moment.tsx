import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { addressOf } from './entries'
import { meant, toLocal, yesterday } from './moment'

interface Props {
  id: string
  folder: string
  at: string | undefined
}

/** Asks for a date and a time, and goes there. */
export function Moment({ id, folder, at }: Props) {
  const navigate = useNavigate()
  const [now] = useState(() => Date.now())
  const [local, setLocal] = useState(() => (at === undefined ? yesterday(now) : toLocal(at)))
  const [wrong, setWrong] = useState<string>()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const moment = meant(local, at)
    if (moment === undefined) return setWrong(m.past.noMoment())
    if (Date.parse(moment) > Date.now()) return setWrong(m.past.notYet())
    setWrong(undefined)
    void navigate({ to: '/past/$location/$', params: { location: id, _splat: addressOf(folder) }, search: { at: moment } })
  }
  return (
    <form className="past-moment" onSubmit={submit} noValidate>
      <Field label={m.past.moment()} type="datetime-local" value={local} onChange={setLocal} error={wrong} required autoFocus={at === undefined} />
      <Button look={at === undefined ? 'primary' : 'plain'} type="submit">
        {m.past.show()}
      </Button>
    </form>
  )
}
