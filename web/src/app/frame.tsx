/** What all addresses stand in: the application, and within it what only those see who signed in. */
import { createRootRoute, createRoute, Outlet, redirect } from '@tanstack/react-router'
import { sessionQuery } from '../api/session'
import { m } from '../i18n/messages'
import { keepFor } from '../ui/kept'
import { Toasts } from '../ui/Toasts'
import { toast } from '../ui/toasts'
import { uploads } from '../upload/browser'
import { NotFound } from './NotFound'
import { queries } from './queries'
import { Shell } from './Shell'

export const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  notFoundComponent: () => <NotFound />,
})

export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await queries.ensureQueryData(sessionQuery)
    if (session === null) throw redirect({ to: '/sign-in', search: { next: location.href } })
    // Of whom an administrator sees as, this browser keeps nothing.
    keepFor(session.viewing ? undefined : session.person.uid)
    if (!session.viewing) restoreUploads(session.person.uid)
    return { person: session.person }
  },
})

let restoredFor: string | undefined

/** Once for each person who signs in, not for each page. */
function restoreUploads(uid: string): void {
  if (restoredFor === uid && !uploads.wasReset) return
  restoredFor = uid
  // Without the list the tray is empty; uploads that are started now work all the same.
  uploads.restore().catch(() => toast(m.uploads.restoreFailed()))
}
