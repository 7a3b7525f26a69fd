import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { fileRequestsKey, makeFileRequest, makeFileRequestKey } from '../../api/fileRequests'
import type { LinkRules, MadeFileRequest } from '../../api/types'
import { mc } from '../../i18n/collecting'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { Tick } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import { Notice } from '../../ui/Notice'
import { describe } from '../../ui/problems'
import { Select } from '../../ui/Select'
import { lives, timesOf } from './lives'
import { formOf, USUAL, type Filled } from './filled'

interface Props {
  location: string
  path: string
  rules: LinkRules
  onMade: (made: MadeFileRequest) => void
  onClose: () => void
}

const PASSWORD_MIN = 8
const DAYS_GIVEN = 14

function wrong(typed: string): boolean {
  return typeof timesOf(typed) !== 'number'
}

/** The form of a file request: it ends by itself unless that is chosen otherwise, and is always bounded. */
export function MakeRequest({ location, path, rules, onMade, onClose }: Props) {
  const given = Math.min(DAYS_GIVEN, rules.days_max ?? DAYS_GIVEN)
  const [filled, setFilled] = useState<Filled>({ ...USUAL, life: String(given) })
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const set = (change: Partial<Filled>): void => setFilled({ ...filled, ...change })
  const short = (filled.password !== '' || rules.password) && [...filled.password].length < PASSWORD_MIN
  const untitled = filled.title.trim() === '' || [...filled.title.trim()].length > 120
  const make = useMutation({
    gcTime: 0,
    mutationKey: makeFileRequestKey,
    mutationFn: () => makeFileRequest({ location, path, ...formOf(filled) }),
    onSuccess: async (made) => {
      onMade(made)
      await queries.invalidateQueries({ queryKey: fileRequestsKey })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (!short && !untitled && ![filled.fileSize, filled.allSize, filled.files, filled.senderFiles].some(wrong)) make.mutate()
  }
  const number = (label: string, field: 'fileSize' | 'allSize' | 'files' | 'senderFiles') => (
    <Field label={label} value={filled[field]} onChange={(value) => set({ [field]: value })} error={tried && wrong(filled[field]) ? mc.wrongNumber : undefined} inputMode="numeric" />
  )
  const days = lives(rules.days_max)
  const offered = days.some(({ value }) => value === String(given)) ? days : [{ value: String(given), label: m.links.days(given) }, ...days]
  return (
    <form className="dialog-form" onSubmit={submit} noValidate>
      {make.error ? <Notice tone="bad">{describe(make.error)}</Notice> : null}
      <Field label={mc.heading} hint={mc.headingHint} value={filled.title} onChange={(title) => set({ title })} error={tried && untitled ? mc.headingMissing : undefined} required />
      <Field label={mc.message} value={filled.message} onChange={(message) => set({ message })} />
      <Select label={mc.life} value={filled.life} options={offered} onChange={(life) => set({ life })} />
      <Field
        label={mc.password}
        hint={rules.password ? m.links.passwordDemanded() : m.links.passwordHint()}
        value={filled.password}
        onChange={(password) => set({ password })}
        error={tried && short ? m.links.passwordShort() : undefined}
        required={rules.password}
        mono
      />
      <Field label={mc.kinds} hint={mc.kindsHint} value={filled.kinds} onChange={(kinds) => set({ kinds })} />
      {number(mc.fileSize, 'fileSize')}
      {number(mc.allSize, 'allSize')}
      {number(mc.files, 'files')}
      {number(mc.senderFiles, 'senderFiles')}
      <Tick value={filled.email} onChange={(email) => set({ email })}>
        <b>{mc.email}</b>
        <small>{mc.emailText}</small>
      </Tick>
      <div className="foot">
        <Button onPress={onClose} pending={make.isPending}>{m.common.cancel()}</Button>
        <Button look="primary" type="submit" pending={make.isPending}>
          {mc.make}
        </Button>
      </div>
    </form>
  )
}

