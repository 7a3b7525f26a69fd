/** Every address of the application, who may open it, and which screen it shows. */
import { createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { SignInPage } from '../account/SignInPage'
import { folderFromAddress } from '../files/paths'
import { soughtIn } from '../files/searching'
import { m } from '../i18n/messages'
import { momentAsked } from '../preview/past/moment'
import { Failure, Loading } from '../ui/Notice'
import { uploads } from '../upload/browser'
import { administration } from './adminRoutes'
import { root, signedIn } from './frame'
import { freeIn } from './free'
import { Previewing } from './Previewing'
import { withRequestWords } from '../i18n/collected'
import { withActivityWords } from '../i18n/happened'
import { withFolderUsageWords } from './words'

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

const ActivityPage = lazyRouteComponent(() => withActivityWords(import('../activity/ActivityPage')), 'ActivityPage')

const activity = createRoute({
  getParentRoute: () => signedIn,
  path: '/activity',
  component: ActivityPage,
})

const activityHere = createRoute({
  getParentRoute: () => signedIn,
  path: '/activity/$location/$',
  // A file has no slash at its end, and neither has a folder in an address.
  validateSearch: ({ file }: Record<string, unknown>): { file?: true } => (file === true ? { file } : {}),
  component: function ActivityRoute() {
    const { location, _splat } = activityHere.useParams()
    const { file } = activityHere.useSearch()
    return <ActivityPage key={`${location}/${_splat}`} place={{ id: location, path: file === true ? (_splat ?? '') : folderFromAddress(_splat) }} />
  },
})

const WatchesPage = lazyRouteComponent(() => withActivityWords(import('../watching/WatchesPage')), 'WatchesPage')

const watches = createRoute({
  getParentRoute: () => signedIn,
  path: '/watches',
  validateSearch: ({ end }: Record<string, unknown>): { end?: string } => (typeof end === 'string' ? { end } : {}),
  component: function WatchesRoute() {
    const navigate = watches.useNavigate()
    return <WatchesPage asked={watches.useSearch().end} onAnswered={() => void navigate({ search: {} })} />
  },
})

const FolderUsagePage = lazyRouteComponent(() => withFolderUsageWords(import('../folder-usage/FolderUsagePage')), 'FolderUsagePage')

const folderUsage = createRoute({
  getParentRoute: () => signedIn,
  path: '/usage/$location/$',
  component: function FolderUsageRoute() {
    const { location, _splat } = folderUsage.useParams()
    return <FolderUsagePage id={location} folder={folderFromAddress(_splat)} />
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

const fileRequests = createRoute({
  getParentRoute: () => signedIn,
  path: '/file-requests',
  component: lazyRouteComponent(() => withRequestWords(import('../requests/FileRequestsPage')), 'FileRequestsPage'),
})

const documentation = createRoute({
  getParentRoute: () => signedIn,
  path: '/documentation',
  component: lazyRouteComponent(() => import('./Documented'), 'Documented'),
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
    signedIn.addChildren([locations, folder, trash, past, versions, favourites, recent, search, activity, activityHere, folderUsage, watches, account, keys, tokens, links, fileRequests, documentation, administration]),
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
