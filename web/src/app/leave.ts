/** Signing out: on the server, in the cache, and in the tray. */
import { sessionQuery, signOut } from '../api/session'
import { isProblem } from '../api/problem'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { uploads } from '../upload/browser'
import { queries } from './queries'

export async function leave(toTheDoor: () => Promise<void>): Promise<void> {
  try {
    await signOut()
  } catch (error) {
    // A session that is already over is what was asked for.
    if (!isProblem(error) || error.status !== 401) {
      toast(describe(error))
      return
    }
  }
  uploads.reset()
  queries.setQueryData(sessionQuery.queryKey, null)
  await toTheDoor()
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
}
