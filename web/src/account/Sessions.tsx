import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { endOtherSessions, endOwnSession, ownSessionsQuery } from '../api/sessions'
import type { OpenSession } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Failure, Loading } from '../ui/Notice'
import { describe } from '../ui/problems'
import { SessionList } from '../ui/SessionList'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'

/** The account's section on sessions: which go on, and where; ends one or all others. */
export function Sessions() {
  const { data, error, isPending, refetch } = useQuery(ownSessionsQuery)
  const queries = useQueryClient()
  const settled = {
    onError: (failed: Error) => void toast(describe(failed)),
    onSettled: () => queries.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }),
  }
  const end = useMutation({
    mutationFn: (session: OpenSession) => withProof(() => endOwnSession(session.id)),
    onSuccess: () => void toast(m.sessions.ended(1)),
    ...settled,
  })
  const endOthers = useMutation({
    mutationFn: () => withProof(endOtherSessions),
    onSuccess: (count) => void toast(m.sessions.ended(count)),
    ...settled,
  })
  const others = data?.filter((session) => !session.current).length ?? 0
  return (
    <section className="section" aria-label={m.sessions.title()}>
      <h2>{m.sessions.title()}</h2>
      <p className="soft">{m.sessions.text()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.sessions.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : (
        <SessionList
          sessions={data}
          ending={end.isPending ? end.variables.id : undefined}
          onEnd={(session) => end.mutate(session)}
        />
      )}
      {data === undefined ? null : others === 0 ? (
        <p className="soft">{m.sessions.onlyThis()}</p>
      ) : (
        <div>
          <Button onPress={() => endOthers.mutate()} pending={endOthers.isPending}>
            {m.sessions.endOthers()}
          </Button>
        </div>
      )}
    </section>
  )
}
