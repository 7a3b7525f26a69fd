import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { isProblem } from '../api/problem'
import { sessionQuery, signOut } from '../api/session'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

/** What the door shows to anybody: taken away under its eyes, it would not be asked for again. */
const OF_THE_DOOR: ReadonlySet<unknown> = new Set(['session', 'setup', 'registration', 'providers'])

/**
 * Signs out on the server, then leads to the door and forgets what was shown. Where the server does not answer, the
 * page forgets all the same, and says that the session still stands.
 */
export function useSignOut() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const leave = async (): Promise<void> => {
    queries.setQueryData(sessionQuery.queryKey, null)
    await navigate({ to: '/sign-in' })
    queries.removeQueries({ predicate: (query) => !OF_THE_DOOR.has(query.queryKey[0]) })
  }
  const failed = async (error: unknown): Promise<void> => {
    // A session that is over already is what was asked for.
    if (isProblem(error) && error.status === 401) return leave()
    if (!isProblem(error) || !error.passing) return void toast(describe(error))
    await leave()
    toast(m.account.signedOutHere())
  }
  return useMutation({
    mutationFn: signOut,
    onSuccess: leave,
    onError: failed,
  })
}
