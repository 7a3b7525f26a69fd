import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { linkRulesQuery, linksKey, saveLinkRules } from '../api/links'
import type { LinkRules } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Field } from '../ui/Field'
import { Failure, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'

/** What links there may be, in this house. */
export function LinkRulesForm() {
  const { data, error, refetch } = useQuery(linkRulesQuery)
  return (
    <section className="section narrow">
      <h2>{ma.linking.rules()}</h2>
      <p className="soft">{ma.linking.rulesText()}</p>
      {error ? <Failure title={ma.linking.rulesFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Form stored={data} />}
    </section>
  )
}

const DAYS_MAX = 3_650

function Form({ stored }: { stored: LinkRules }) {
  const [enabled, setEnabled] = useState(stored.enabled)
  const [requests, setRequests] = useState(stored.requests)
  const [password, setPassword] = useState(stored.password)
  const [days, setDays] = useState(stored.days_max === null ? '' : String(stored.days_max))
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const daysMax = days.trim() === '' ? null : Number(days)
  const wrong = daysMax !== null && !(Number.isSafeInteger(daysMax) && daysMax >= 1 && daysMax <= DAYS_MAX)
  const save = useMutation({
    mutationFn: () => withProof(() => saveLinkRules({ enabled, requests, password, days_max: daysMax })),
    onSuccess: async () => {
      toast(m.common.saved())
      await queries.invalidateQueries({ queryKey: linksKey })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (!wrong) save.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      {save.error ? <Notice tone="bad">{describe(save.error)}</Notice> : null}
      <Tick value={enabled} onChange={setEnabled}>
        <b>{ma.linking.enabled()}</b>
        <small>{ma.linking.enabledText()}</small>
      </Tick>
      <Tick value={requests} onChange={setRequests}>
        <b>{ma.linking.requests()}</b>
        <small>{ma.linking.requestsText()}</small>
      </Tick>
      <Tick value={password} onChange={setPassword}>
        <b>{ma.linking.password()}</b>
        <small>{ma.linking.passwordText()}</small>
      </Tick>
      <Field
        label={ma.linking.daysMax()}
        hint={ma.linking.daysMaxHint()}
        value={days}
        onChange={setDays}
        error={tried && wrong ? ma.linking.daysWrong() : undefined}
        inputMode="numeric"
      />
      <Button look="primary" type="submit" pending={save.isPending}>
        {m.common.save()}
      </Button>
    </form>
  )
}
