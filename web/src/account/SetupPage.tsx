import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { sessionQuery, setUp, setupQuery } from '../api/session'
import type { RegistrationMode, SetupForm } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { RegistrationChoice } from '../ui/RegistrationChoice'
import { Door } from './Door'
import { NewPerson, useNewPerson } from './NewPerson'
import { useToken } from './token'

/** Reached by the one-time link; its token is in the fragment, which browsers do not send to any server. */
export function SetupPage() {
  const token = useToken()
  const { data } = useQuery(setupQuery)
  if (data?.needed === false) {
    return (
      <Door title={m.setup.done()}>
        <p className="door-line">
          <Link to="/sign-in" className="link">
            {m.door.signIn()}
          </Link>
        </p>
      </Door>
    )
  }
  if (token === undefined) return <Door title={m.setup.noToken()} text={m.setup.noTokenText()}>{null}</Door>
  return <FirstPerson token={token} />
}

function FirstPerson({ token }: { token: string }) {
  const person = useNewPerson()
  const [registration, setRegistration] = useState<RegistrationMode>('approval')
  const [homes, setHomes] = useState(true)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const send = useMutation({
    mutationFn: (form: SetupForm) => setUp(form),
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery.queryKey, session)
      queries.setQueryData(setupQuery.queryKey, { needed: false })
      await navigate({ to: '/' })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const form = person.check()
    if (form !== undefined) send.mutate({ ...form, token, registration, homes })
  }
  return (
    <Door title={m.setup.title()} text={m.setup.text()}>
      <form onSubmit={submit} noValidate>
        {send.error ? <Notice tone="bad">{problemAt(send.error)}</Notice> : null}
        <NewPerson person={person} refused={send.error} />
        <RegistrationChoice label={m.setup.registration()} value={registration} onChange={setRegistration} />
        <Tick value={homes} onChange={setHomes}>
          <b>{m.setup.homes()}</b>
          <small>{m.setup.homesText()}</small>
        </Tick>
        <Button look="primary" type="submit" pending={send.isPending}>
          {m.setup.submit()}
        </Button>
      </form>
    </Door>
  )
}

function problemAt(error: unknown): string {
  const refused = isProblem(error) && (error.status === 401 || error.status === 403)
  return refused ? m.setup.refused() : describe(error)
}
