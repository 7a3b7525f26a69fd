import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { isProblem } from '../api/problem'
import { sessionQuery, signOut } from '../api/session'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

/** Signs out on the server, then leads to the door and forgets what was shown. */
export function useSignOut() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const leave = async (): Promise<void> => {
    queries.setQueryData(sessionQuery.queryKey, null)
    await navigate({ to: '/sign-in' })
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
  }
  return useMutation({
    mutationFn: signOut,
    onSuccess: leave,
    // A session that is over already is what was asked for.
    onError: (error) => (isProblem(error) && error.status === 401 ? leave() : toast(describe(error))),
  })
}
