import { useMutation, useQuery } from '@tanstack/react-query'
import { LogIn } from 'lucide-react'
import { leaveFor, providersQuery } from '../api/providers'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Notice } from '../ui/Notice'
import { providerProblem } from './provider-problem'

/** A button for each provider that one can sign in by. */
export function ByProvider({ next }: { next: string }) {
  const { data } = useQuery(providersQuery)
  const leave = useMutation({ mutationFn: (id: string) => leaveFor('sign-in', id, next) })
  if (data === undefined || data.length === 0) return null
  return (
    <div className="door-providers">
      {leave.error ? <Notice tone="bad">{providerProblem(leave.error)}</Notice> : null}
      {data.map((provider) => (
        <Button key={provider.id} onPress={() => leave.mutate(provider.id)} pending={leave.isPending && leave.variables === provider.id}>
          <LogIn size={16} aria-hidden /> {m.providers.goOn(provider.name)}
        </Button>
      ))}
      <p className="soft">{m.providers.signOutNote()}</p>
    </div>
  )
}
