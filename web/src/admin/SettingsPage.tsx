import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { saveSettings, settingsQuery } from '../api/admin'
import { registrationQuery, sessionQuery } from '../api/session'
import type { Settings } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Field } from '../ui/Field'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { RegistrationChoice } from '../ui/RegistrationChoice'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { SearchStanding } from './SearchStanding'
import { MailStanding } from './UnsentMail'

export function SettingsPage() {
  const { data, error, isPending, refetch } = useQuery(settingsQuery)
  const { data: session } = useQuery(sessionQuery)
  return (
    <Page title={ma.settings.title()} text={ma.settings.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.settings.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {session?.second_factor.required === false ? <Notice tone="warn">{ma.settings.factorOff()}</Notice> : null}
      {data === undefined ? null : <Form stored={data} />}
      <MailStanding />
      <SearchStanding />
    </Page>
  )
}

function Form({ stored }: { stored: Settings }) {
  const [draft, setDraft] = useState<Settings>()
  const queries = useQueryClient()
  const now = draft ?? stored
  const domains = now.domains ?? []
  const save = useMutation({
    mutationFn: () => withProof(() => saveSettings({ ...now, domains: domains.filter((domain) => domain !== '') })),
    onSuccess: async () => {
      toast(m.common.saved())
      await queries.invalidateQueries({ queryKey: settingsQuery.queryKey })
      setDraft(undefined)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form className="section narrow" onSubmit={submit}>
      {save.error ? <Notice tone="bad">{describe(save.error)}</Notice> : null}
      <RegistrationChoice
        label={m.setup.registration()}
        value={now.registration}
        onChange={(registration) => setDraft({ ...now, registration })}
        domains
      />
      {now.registration === 'domains' ? (
        <Field
          label={m.registration.domainsLabel()}
          hint={m.registration.domainsHint()}
          value={domains.join(' ')}
          onChange={(text) => setDraft({ ...now, domains: text.trimStart().split(/[\s,]+/) })}
          required
          mono
        />
      ) : null}
      <MailCheck value={now.mail_check === true} onChange={(mail_check) => setDraft({ ...now, mail_check })} />
      <Tick value={now.homes} onChange={(homes) => setDraft({ ...now, homes })}>
        <b>{m.setup.homes()}</b>
        <small>{m.setup.homesText()}</small>
      </Tick>
      <Button look="primary" type="submit" pending={save.isPending}>
        {m.common.save()}
      </Button>
    </form>
  )
}

/** Without mail no address can be checked: what is off cannot be switched on. */
function MailCheck({ value, onChange }: { value: boolean; onChange: (value: boolean) => void }) {
  const { data } = useQuery(registrationQuery)
  if (data?.mail === false && !value) return <p className="soft">{m.registration.mailCheckOff()}</p>
  return (
    <Tick value={value} onChange={onChange}>
      <b>{m.registration.mailCheck()}</b>
      <small>{m.registration.mailCheckText()}</small>
    </Tick>
  )
}
