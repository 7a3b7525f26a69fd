import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams, useRouter } from '@tanstack/react-router'
import { useEffect, useState, type ReactNode } from 'react'
import { arrive, leaveFor, linkedQuery } from '../api/providers'
import { sessionQuery } from '../api/session'
import type { ProviderAnswer, ProviderArrival, Session } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Loading, Notice } from '../ui/Notice'
import { toast } from '../ui/toasts'
import { Door } from './Door'
import { providerProblem } from './provider-problem'
import { SecondStep } from './SecondStep'

/** What stands in the address that a provider sent this browser to. */
function answerIn(search: string): ProviderAnswer | undefined {
  const said = new URLSearchParams(search)
  const state = said.get('state')
  if (state === null) return undefined
  return { state, code: said.get('code'), iss: said.get('iss'), error: said.get('error') }
}

/** Where a provider sends browsers back to: signs in, links, or says why it did not. */
export function ProviderPage() {
  const { provider } = useParams({ from: '/sign-in/$provider' })
  const [answer] = useState(() => answerIn(location.search))
  if (answer === undefined) {
    return (
      <Failed title={m.providers.failed()}>
        <p>{m.providers.nothing()}</p>
      </Failed>
    )
  }
  return <Arriving provider={provider} answer={answer} />
}

function Arriving({ provider, answer }: { provider: string; answer: ProviderAnswer }) {
  const queries = useQueryClient()
  const arrival = useQuery({
    queryKey: ['provider-answer', provider, answer.state],
    retry: false,
    staleTime: Infinity,
    refetchOnMount: false,
    queryFn: async () => {
      // The code is spent once, and stays neither in the address nor in what the browser remembers of it.
      history.replaceState(history.state, '', location.pathname)
      const arrived = await arrive(provider, answer)
      if (arrived.outcome !== 'second-factor') await queries.fetchQuery({ ...sessionQuery, staleTime: 0 })
      await queries.invalidateQueries({ queryKey: linkedQuery.queryKey })
      return arrived
    },
  })
  if (arrival.error) return <Refused provider={provider} error={arrival.error} />
  if (arrival.data === undefined) {
    return (
      <Door title={m.providers.coming()} text={m.providers.comingText()}>
        <Loading />
      </Door>
    )
  }
  return <Arrived provider={provider} arrival={arrival.data} />
}

function Arrived({ provider, arrival }: { provider: string; arrival: ProviderArrival }) {
  const queries = useQueryClient()
  const [signedIn, setSignedIn] = useState(arrival.outcome !== 'second-factor')
  const [over, setOver] = useState<string>()
  if (signedIn) return <Onward arrival={arrival} />
  if (over !== undefined || arrival.second_factor === undefined || arrival.second_factor === null) {
    return (
      <Failed title={m.providers.failed()} provider={provider}>
        <Notice tone="warn">{over ?? m.providers.over()}</Notice>
      </Failed>
    )
  }
  const done = (session: Session): void => {
    queries.setQueryData(sessionQuery.queryKey, session)
    setSignedIn(true)
  }
  return <SecondStep needed={arrival.second_factor} onDone={done} onOver={(why) => setOver(why ?? m.providers.over())} />
}

/** On to where the person wanted to go: a path of our own, by the server's word. */
function Onward({ arrival }: { arrival: ProviderArrival }) {
  const router = useRouter()
  useEffect(() => {
    if (arrival.outcome === 'linked') toast(m.providers.linked())
    if (arrival.outcome === 'proved') toast(m.providers.proved())
    router.history.replace(arrival.return_to)
  }, [router, arrival])
  return null
}

function Refused({ provider, error }: { provider: string; error: unknown }) {
  const { data: session } = useQuery(sessionQuery)
  const here = session !== null && session !== undefined
  return (
    <Failed title={here ? m.providers.failedHere() : m.providers.failed()} provider={here ? undefined : provider} here={here}>
      <Notice tone="bad">{providerProblem(error)}</Notice>
    </Failed>
  )
}

interface FailedProps {
  title: string
  provider?: string | undefined
  here?: boolean
  children: ReactNode
}

function Failed({ title, provider, here = false, children }: FailedProps) {
  const again = useMutation({ mutationFn: (id: string) => leaveFor('sign-in', id, '/') })
  return (
    <Door title={title}>
      {children}
      {again.error ? <Notice tone="bad">{providerProblem(again.error)}</Notice> : null}
      {provider === undefined ? null : (
        <div>
          <Button look="primary" onPress={() => again.mutate(provider)} pending={again.isPending}>
            {m.providers.again()}
          </Button>
        </div>
      )}
      <p className="door-line">
        <Link to={here ? '/account' : '/sign-in'} className="link">
          {here ? m.providers.toAccount() : m.providers.toSignIn()}
        </Link>
      </p>
    </Door>
  )
}
