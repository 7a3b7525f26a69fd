/** Every address of the application, who may open it, and which screen it shows. */
import { useQuery } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { sessionQuery } from '../api/session'
import { placeAsked } from '../admin/place'
import { questionOf } from '../admin/question'
import { SignInPage } from '../account/SignInPage'
import { folderFromAddress } from '../files/paths'
import { soughtIn } from '../files/searching'
import { m } from '../i18n/messages'
import { momentAsked } from '../preview/past/moment'
import { keepFor } from '../ui/kept'
import { Failure, Loading } from '../ui/Notice'
import { Toasts } from '../ui/Toasts'
import { toast } from '../ui/toasts'
import { uploads } from '../upload/browser'
import { freeIn } from './free'
import { FactorFirst, NotForYou, NotFound } from './NotFound'
import { Previewing } from './Previewing'
import { queries } from './queries'
import { Shell } from './Shell'
import { withWords } from './words'

const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  notFoundComponent: () => <NotFound />,
})

const signIn = createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignInPage })

const provider = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/$provider',
  component: lazyRouteComponent(() => import('../account/ProviderPage'), 'ProviderPage'),
})

const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  component: lazyRouteComponent(() => import('../account/RegisterPage'), 'RegisterPage'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('../account/SetupPage'), 'SetupPage'),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('../account/InvitationPage'), 'InvitationPage'),
})

const newPassword = createRoute({
  getParentRoute: () => root,
  path: '/new-password',
  component: lazyRouteComponent(() => import('../account/NewPasswordPage'), 'NewPasswordPage'),
})

const forgotten = createRoute({
  getParentRoute: () => root,
  path: '/forgotten-password',
  component: lazyRouteComponent(() => import('../account/ForgottenPage'), 'ForgottenPage'),
})

const mailCheck = createRoute({
  getParentRoute: () => root,
  path: '/mail-check',
  component: lazyRouteComponent(() => import('../account/MailCheckPage'), 'MailCheckPage'),
})

const signedIn = createRoute({
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

const locations = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  component: lazyRouteComponent(() => import('../files/LocationsPage'), 'LocationsPage'),
})

const FolderPage = lazyRouteComponent(() => import('../files/FolderPage'), 'FolderPage')

const folder = createRoute({
  getParentRoute: () => signedIn,
  path: '/files/$location/$',
  // The router has made a number of `2026` already.
  validateSearch: ({ select }: Record<string, unknown>): { select?: string } =>
    typeof select === 'string' || typeof select === 'number' ? { select: String(select) } : {},
  component: function FolderRoute() {
    const { location, _splat } = folder.useParams()
    const { select } = folder.useSearch()
    return (
      <FolderPage
        id={location}
        folder={folderFromAddress(_splat)}
        select={select}
        onUpload={(id, target, picked) => uploads.add(id, target, picked, freeIn(id, target))}
        Preview={Previewing}
      />
    )
  },
})

const TrashPage = lazyRouteComponent(() => import('../trash/TrashPage'), 'TrashPage')

const trash = createRoute({
  getParentRoute: () => signedIn,
  path: '/trash/$location/$',
  component: function TrashRoute() {
    const { location, _splat } = trash.useParams()
    return <TrashPage id={location} folder={folderFromAddress(_splat)} />
  },
})

const PastPage = lazyRouteComponent(() => import('../preview/past/PastPage'), 'PastPage')

const past = createRoute({
  getParentRoute: () => signedIn,
  path: '/past/$location/$',
  validateSearch: momentAsked,
  component: function PastRoute() {
    const { location, _splat } = past.useParams()
    return <PastPage id={location} folder={folderFromAddress(_splat)} at={past.useSearch().at} />
  },
})

const VersionsPage = lazyRouteComponent(() => import('../preview/VersionsPage'), 'VersionsPage')

const versions = createRoute({
  getParentRoute: () => signedIn,
  path: '/versions/$location/$',
  component: function VersionsRoute() {
    const { location, _splat } = versions.useParams()
    return <VersionsPage id={location} path={_splat ?? ''} />
  },
})

const favourites = createRoute({
  getParentRoute: () => signedIn,
  path: '/favourites',
  component: lazyRouteComponent(() => import('../files/FavouritesPage'), 'FavouritesPage'),
})

const recent = createRoute({
  getParentRoute: () => signedIn,
  path: '/recent',
  component: lazyRouteComponent(() => import('../files/RecentPage'), 'RecentPage'),
})

const SearchPage = lazyRouteComponent(() => import('../files/SearchPage'), 'SearchPage')

const search = createRoute({
  getParentRoute: () => signedIn,
  path: '/search',
  validateSearch: soughtIn,
  component: function SearchRoute() {
    const navigate = search.useNavigate()
    return <SearchPage sought={search.useSearch()} onSeek={(sought) => void navigate({ search: sought })} Preview={Previewing} />
  },
})

const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  component: lazyRouteComponent(() => import('../account/AccountPage'), 'AccountPage'),
})

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys',
  component: lazyRouteComponent(() => import('../access-keys/KeysPage'), 'KeysPage'),
})

const tokens = createRoute({
  getParentRoute: () => signedIn,
  path: '/tokens',
  component: lazyRouteComponent(() => import('../tokens/TokensPage'), 'TokensPage'),
})

const links = createRoute({
  getParentRoute: () => signedIn,
  path: '/links',
  component: lazyRouteComponent(() => import('../links/LinksPage'), 'LinksPage'),
})

const documentation = createRoute({
  getParentRoute: () => signedIn,
  path: '/documentation',
  component: lazyRouteComponent(() => import('./Documented'), 'Documented'),
})

const admin = createRoute({
  getParentRoute: () => signedIn,
  id: 'administration',
  component: function AdminRoute() {
    const { person } = admin.useRouteContext()
    const { data: session } = useQuery(sessionQuery)
    if (!person.administrator) return <NotForYou />
    const { set, required } = session?.second_factor ?? { set: true, required: false }
    return required && !set ? <FactorFirst /> : <Outlet />
  },
})

const people = createRoute({
  getParentRoute: () => admin,
  path: '/people',
  component: lazyRouteComponent(() => withWords(import('../admin/PeoplePage')), 'PeoplePage'),
})

const person = createRoute({
  getParentRoute: () => admin,
  path: '/people/$uid',
  component: lazyRouteComponent(() => withWords(import('../admin/PersonPage')), 'PersonPage'),
})

const what = createRoute({
  getParentRoute: () => admin,
  path: '/people/$uid/reach',
  component: lazyRouteComponent(() => withWords(import('../admin/WhatPage')), 'WhatPage'),
})

const groups = createRoute({
  getParentRoute: () => admin,
  path: '/groups',
  component: lazyRouteComponent(() => withWords(import('../admin/GroupsPage')), 'GroupsPage'),
})

const grants = createRoute({
  getParentRoute: () => admin,
  path: '/grants',
  component: lazyRouteComponent(() => withWords(import('../admin/GrantsPage')), 'GrantsPage'),
})

const invitations = createRoute({
  getParentRoute: () => admin,
  path: '/invitations',
  component: lazyRouteComponent(() => withWords(import('../admin/InvitationsPage')), 'InvitationsPage'),
})

const requests = createRoute({
  getParentRoute: () => admin,
  path: '/requests',
  component: lazyRouteComponent(() => withWords(import('../admin/RequestsPage')), 'RequestsPage'),
})

const quarantine = createRoute({
  getParentRoute: () => admin,
  path: '/quarantine',
  component: lazyRouteComponent(() => withWords(import('../admin/QuarantinePage')), 'QuarantinePage'),
})

const allLinks = createRoute({
  getParentRoute: () => admin,
  path: '/all-links',
  component: lazyRouteComponent(() => withWords(import('../admin/AllLinksPage')), 'AllLinksPage'),
})

const settings = createRoute({
  getParentRoute: () => admin,
  path: '/settings',
  component: lazyRouteComponent(() => withWords(import('../admin/SettingsPage')), 'SettingsPage'),
})

const roles = createRoute({
  getParentRoute: () => admin,
  path: '/roles',
  component: lazyRouteComponent(() => withWords(import('../admin/RolesPage')), 'RolesPage'),
})

const Policy = lazyRouteComponent(() => withWords(import('../admin/PolicyPage')), 'PolicyPage')

const policy = createRoute({
  getParentRoute: () => admin,
  path: '/roles/$role',
  component: function PolicyRoute() {
    const { role } = policy.useParams()
    return <Policy key={role} name={role} />
  },
})

const Use = lazyRouteComponent(() => withWords(import('../admin/UsePage')), 'UsePage')

const use = createRoute({
  getParentRoute: () => admin,
  path: '/roles/$role/use',
  component: function UseRoute() {
    const { role } = use.useParams()
    return <Use key={role} role={role} />
  },
})

const Simulator = lazyRouteComponent(() => withWords(import('../admin/SimulatorPage')), 'SimulatorPage')

const simulator = createRoute({
  getParentRoute: () => admin,
  path: '/simulator',
  validateSearch: questionOf,
  component: function SimulatorRoute() {
    return <Simulator asked={simulator.useSearch()} />
  },
})

const Who = lazyRouteComponent(() => withWords(import('../admin/WhoPage')), 'WhoPage')

const who = createRoute({
  getParentRoute: () => admin,
  path: '/who',
  validateSearch: placeAsked,
  component: function WhoRoute() {
    return <Who asked={who.useSearch()} />
  },
})

const posture = createRoute({
  getParentRoute: () => admin,
  path: '/posture',
  component: lazyRouteComponent(() => withWords(import('../admin/PosturePage')), 'PosturePage'),
})

const audit = createRoute({
  getParentRoute: () => admin,
  path: '/audit',
  component: lazyRouteComponent(() => withWords(import('../admin/AuditPage')), 'AuditPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    provider,
    register,
    setup,
    invitation,
    newPassword,
    forgotten,
    mailCheck,
    signedIn.addChildren([locations, folder, trash, past, versions, favourites, recent, search, account, keys, tokens, links, documentation, admin.addChildren([people, person, what, groups, grants, invitations, requests, quarantine, allLinks, settings, roles, policy, use, simulator, who, posture, audit])]),
  ]),
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <Failure page title={m.app.broken()} error={error} onRetry={reset} />,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface HistoryState {
    /** A policy that is taken into the editor; it is saved nowhere. */
    draft?: string
  }
}
