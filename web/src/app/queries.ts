/** The one cache of answers, and what happens when the server says that nobody is signed in any more. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isProblem } from '../api/problem'
import { sessionQuery } from '../api/session'

const RETRIES_MAX = 2

function noteSignedOut(error: unknown): void {
  if (isProblem(error) && error.status === 401 && queries.getQueryData(sessionQuery.queryKey)) {
    void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
  }
}

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noteSignedOut }),
  mutationCache: new MutationCache({ onError: noteSignedOut }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < RETRIES_MAX && isProblem(error) && error.passing,
    },
  },
})
