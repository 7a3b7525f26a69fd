import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { linksKey, makeLink, makeLinkKey } from '../../api/links'
import type { LinkRules, LinkShowing, MadeShareLink } from '../../api/types'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { Choice } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { describe } from '../../ui/problems'
import { Select } from '../../ui/Select'
import { ENDLESS, lives, timesOf } from './lives'

interface Props {
  location: string
  path: string
  rules: LinkRules
  /** How many days are chosen at first. */
  given: number
  onMade: (made: MadeShareLink) => void
  onClose: () => void
}

const PASSWORD_MIN = 8

/** The form that makes a link: it ends by itself unless that is chosen otherwise. */
export function MakeLink({ location, path, rules, given, onMade, onClose }: Props) {
  const [showing, setShowing] = useState<LinkShowing>('download')
  const [life, setLife] = useState(String(given))
  const [password, setPassword] = useState('')
  const [times, setTimes] = useState('')
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const count = timesOf(times)
  const short = (password !== '' || rules.password) && [...password].length < PASSWORD_MIN
  const make = useMutation({
    gcTime: 0,
    mutationKey: makeLinkKey,
    mutationFn: () =>
      makeLink({
        location,
        path,
        showing,
        password: password === '' ? null : password,
        days: life === ENDLESS ? null : Number(life),
        endless: life === ENDLESS,
        downloads_max: count ?? null,
        note: note.trim(),
      }),
    onSuccess: async (made) => {
      onMade(made)
      await queries.invalidateQueries({ queryKey: linksKey })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (!short && count !== undefined) make.mutate()
  }
  return (
    <form className="dialog-form" onSubmit={submit} noValidate>
      {make.error ? <Notice tone="bad">{describe(make.error)}</Notice> : null}
      <Choice
        label={m.links.may()}
        value={showing}
        options={[
          { value: 'download', label: m.links.download(), text: m.links.downloadText() },
          { value: 'view', label: m.links.view(), text: m.links.viewText() },
        ]}
        onChange={setShowing}
      />
      <Select label={m.links.life()} value={life} options={lives(rules.days_max)} onChange={setLife} />
      <Field
        label={m.links.password()}
        hint={rules.password ? m.links.passwordDemanded() : m.links.passwordHint()}
        value={password}
        onChange={setPassword}
        error={tried && short ? m.links.passwordShort() : undefined}
        required={rules.password}
        mono
      />
      <Field
        label={m.links.times()}
        hint={m.links.timesHint()}
        value={times}
        onChange={setTimes}
        error={tried && count === undefined ? m.links.timesWrong() : undefined}
        inputMode="numeric"
      />
      <Field label={m.links.note()} hint={m.links.noteHint()} value={note} onChange={setNote} />
      <div className="foot">
        <Button onPress={onClose} pending={make.isPending}>{m.common.cancel()}</Button>
        <Button look="primary" type="submit" pending={make.isPending}>
          {m.links.make()}
        </Button>
      </div>
    </form>
  )
}
