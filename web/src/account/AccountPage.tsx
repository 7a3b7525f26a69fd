import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { changePassword, sessionQuery } from '../api/session'
import { ownSessionsQuery } from '../api/sessions'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Choice, Tick } from '../ui/Choice'
import { ALONE_MIN, BESIDE_MIN, isLongEnough, PasswordField } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { applyTheme, chosenTheme, type Theme } from '../ui/theme'
import { toast } from '../ui/toasts'
import { Email } from './Email'
import { LinkedSignIns } from './LinkedSignIns'
import { OwnQuotas } from './OwnQuotas'
import { Passkeys } from './Passkeys'
import { Sessions } from './Sessions'
import { TwoStep } from './TwoStep'
import { useSignOut } from './useSignOut'

export function AccountPage() {
  const { data: session } = useQuery(sessionQuery)
  if (!session) return null
  return (
    <Page title={m.account.title()} text={`${m.account.signedInAs(session.person.name)}. ${m.account.until(session.expires)}`}>
      <OwnQuotas />
      <Passkeys />
      <TwoStep />
      <LinkedSignIns />
      <ChangePassword />
      <Email />
      <Sessions />
      <Appearance />
      <Leave />
    </Page>
  )
}

function ChangePassword() {
  const { data: session } = useQuery(sessionQuery)
  const min = session?.second_factor.set === true ? BESIDE_MIN : ALONE_MIN
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [tried, setTried] = useState(false)
  const [endPrograms, setEndPrograms] = useState(true)
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: () => withProof(() => changePassword(current, next, !endPrograms)),
    onSuccess: async () => {
      setCurrent('')
      setNext('')
      setTried(false)
      toast(m.account.changed(endPrograms))
      await queries.invalidateQueries({ queryKey: ownSessionsQuery.queryKey })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (current !== '' && isLongEnough(next, min)) change.mutate()
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{m.account.changePassword()}</h2>
      {change.error ? <Notice tone="bad">{problemAt(change.error)}</Notice> : null}
      <PasswordField label={m.account.current()} value={current} onChange={setCurrent} />
      <PasswordField
        label={m.account.next()}
        value={next}
        onChange={setNext}
        error={tried && !isLongEnough(next, min) ? m.door.passwordHint(min) : undefined}
        fresh
        min={min}
      />
      <Tick value={endPrograms} onChange={setEndPrograms}>
        {m.account.endPrograms()}
      </Tick>
      <Button look="primary" type="submit" pending={change.isPending}>
        {m.account.changePassword()}
      </Button>
    </form>
  )
}

function problemAt(error: unknown): string {
  const wrong = isProblem(error) && (error.code === 'password-wrong' || error.facts.field === 'current')
  return wrong ? m.account.wrongCurrent() : describe(error)
}

function Appearance() {
  const [theme, setTheme] = useState(chosenTheme)
  const choose = (chosen: Theme): void => {
    setTheme(chosen)
    applyTheme(chosen)
  }
  const options = [
    { value: 'system' as const, label: m.app.themeSystem(), text: m.account.appearanceText() },
    { value: 'light' as const, label: m.app.themeLight(), text: '' },
    { value: 'dark' as const, label: m.app.themeDark(), text: '' },
  ]
  return (
    <section className="section narrow">
      <Choice label={m.app.theme()} value={theme} options={options} onChange={choose} />
    </section>
  )
}

function Leave() {
  const signOut = useSignOut()
  return (
    <section className="section narrow">
      <h2>{m.account.session()}</h2>
      <p className="soft">{m.account.signOutText()}</p>
      <div>
        <Button onPress={() => signOut.mutate()} pending={signOut.isPending}>
          {m.app.signOut()}
        </Button>
      </div>
    </section>
  )
}
