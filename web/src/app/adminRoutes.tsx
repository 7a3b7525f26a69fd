/** The addresses that administrators alone open. */
import { useQuery } from '@tanstack/react-query'
import { createRoute, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { placeAsked } from '../admin/place'
import { questionOf } from '../admin/question'
import { sessionQuery } from '../api/session'
import { withRequestWords } from '../i18n/collected'
import { signedIn } from './frame'
import { FactorFirst, NotForYou } from './NotFound'
import { withWords } from './words'

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

const allFileRequests = createRoute({
  getParentRoute: () => admin,
  path: '/all-file-requests',
  component: lazyRouteComponent(() => withRequestWords(import('../requests/AllFileRequestsPage')), 'AllFileRequestsPage'),
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

const quotas = createRoute({
  getParentRoute: () => admin,
  path: '/quotas',
  component: lazyRouteComponent(() => withWords(import('../admin/QuotasPage')), 'QuotasPage'),
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

export const administration = admin.addChildren([people, person, what, groups, grants, invitations, requests, quarantine, allLinks, quotas, allFileRequests, settings, roles, policy, use, simulator, who, posture, audit])
