import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { endSessionOf, sessionsOfQuery } from '../api/sessions'
import type { OpenSession, PersonRow } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { SessionList } from '../ui/SessionList'
import { withProof } from '../ui/step-up'

/** The sessions of a person, for administrators: seen, and ended one by one. */
export function PersonSessions({ person, onClose }: { person: PersonRow; onClose: () => void }) {
  const query = sessionsOfQuery(person.uid)
  const { data, error, isPending, refetch } = useQuery(query)
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: (session: OpenSession) => withProof(() => endSessionOf(person.uid, session.id)),
    onSettled: () => queries.invalidateQueries({ queryKey: query.queryKey }),
  })
  return (
    <Dialog title={m.sessions.of(person.name)} onClose={onClose} wide>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.sessions.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {end.error ? <Notice tone="bad">{describe(end.error)}</Notice> : null}
      {data?.length === 0 ? <p className="soft">{m.sessions.none()}</p> : null}
      {data === undefined || data.length === 0 ? null : (
        <SessionList
          sessions={data}
          ending={end.isPending ? end.variables.id : undefined}
          onEnd={(session) => end.mutate(session)}
        />
      )}
      <div className="foot">
        <Button onPress={onClose}>{m.common.close()}</Button>
      </div>
    </Dialog>
  )
}
