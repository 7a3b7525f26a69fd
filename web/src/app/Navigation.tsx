import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Biohazard, Clock, FlaskConical, Folder, FolderOpen, Inbox, KeyRound, MailPlus, ScrollText, ShieldCheck, SlidersHorizontal, Star, Terminal, Ticket, Users, UsersRound } from 'lucide-react'
import { waitingRequestsQuery } from '../api/access-requests'
import { scansQuery } from '../api/scans'
import { peopleQuery } from '../api/admin'
import { locationsQuery } from '../api/files'
import { placesQuery } from '../api/places'
import type { Person } from '../api/types'
import { addressOf } from '../files/paths'
import { named } from '../files/places'
import { count } from '../i18n/format'
import { m } from '../i18n/messages'
import { visibleName } from '../i18n/visible'
import { Name } from '../ui/Name'

/** The others stand on the page of favourites. */
const FAVOURITES_MAX = 8

interface Props {
  person: Person
  open: boolean
  onNavigate: () => void
}

export function Navigation({ person, open, onNavigate }: Props) {
  const { data: locations = [] } = useQuery(locationsQuery)
  const { data: places } = useQuery(placesQuery)
  const marked = named(places?.favourites ?? [], locations).slice(0, FAVOURITES_MAX)
  return (
    <nav className="side" aria-label={m.app.mainNavigation()} data-open={open || undefined} onClick={onNavigate}>
      <ul>
        <li>
          <Link to="/" activeOptions={{ exact: true }}>
            <FolderOpen size={17} aria-hidden />
            {m.app.files()}
          </Link>
          <ul>
            {locations.map(({ id, title }) => (
              <li key={id}>
                <Link to="/files/$location/$" params={{ location: id, _splat: '' }} activeOptions={{ exact: false }}>
                  <Folder size={16} aria-hidden />
                  <Name text={title} className="name" />
                </Link>
              </li>
            ))}
          </ul>
        </li>
        <li>
          <Link to="/favourites">
            <Star size={17} aria-hidden />
            {m.files.favourites()}
          </Link>
          <ul>
            {marked.map(({ location, path, folder, select, name, way }) => (
              <li key={`${location}/${path}`}>
                <Link to="/files/$location/$" params={{ location, _splat: addressOf(folder) }} search={select === undefined ? {} : { select }} activeOptions={{ exact: true }} title={visibleName(way)}>
                  <Star size={15} aria-hidden />
                  <Name text={name} className="name" />
                </Link>
              </li>
            ))}
          </ul>
        </li>
        <li>
          <Link to="/recent">
            <Clock size={17} aria-hidden />
            {m.files.recentShort()}
          </Link>
        </li>
        <li>
          <Link to="/keys">
            <KeyRound size={17} aria-hidden />
            {m.app.keys()}
          </Link>
        </li>
        <li>
          <Link to="/tokens">
            <Terminal size={17} aria-hidden />
            {m.app.tokens()}
          </Link>
        </li>
      </ul>
      {person.administrator ? <Administration /> : null}
    </nav>
  )
}

/** Where files are scanned for malware, or something is still held back. */
function Quarantine() {
  const { data } = useQuery(scansQuery)
  if (data === undefined || (data.serves === 'not-scanned' && data.findings.length === 0)) return null
  const infected = data.findings.filter((finding) => finding.state === 'infected').length
  return (
    <li>
      <Link to="/quarantine">
        <Biohazard size={17} aria-hidden />
        {m.scan.page()}
        {infected > 0 ? (
          <span className="badge" title={m.scan.found(infected)}>
            {count(infected)}
          </span>
        ) : null}
      </Link>
    </li>
  )
}

function Administration() {
  const { data: people = [] } = useQuery(peopleQuery)
  const { data: requests = [] } = useQuery(waitingRequestsQuery)
  const waiting = people.filter((person) => person.status === 'pending').length
  return (
    <>
      <h2>{m.app.administration()}</h2>
      <ul>
        <li>
          <Link to="/people">
            <Users size={17} aria-hidden />
            {m.app.people()}
            {waiting > 0 ? (
              <span className="badge" title={m.people.waiting(waiting)}>
                {count(waiting)}
              </span>
            ) : null}
          </Link>
        </li>
        <li>
          <Link to="/groups">
            <UsersRound size={17} aria-hidden />
            {m.app.groups()}
          </Link>
        </li>
        <li>
          <Link to="/grants">
            <Ticket size={17} aria-hidden />
            {m.app.grants()}
          </Link>
        </li>
        <li>
          <Link to="/invitations">
            <MailPlus size={17} aria-hidden />
            {m.app.invitations()}
          </Link>
        </li>
        <li>
          <Link to="/requests">
            <Inbox size={17} aria-hidden />
            {m.asking.page()}
            {requests.length > 0 ? (
              <span className="badge" title={m.asking.waiting(requests.length)}>
                {count(requests.length)}
              </span>
            ) : null}
          </Link>
        </li>
        <Quarantine />
        <li>
          <Link to="/settings">
            <SlidersHorizontal size={17} aria-hidden />
            {m.app.settings()}
          </Link>
        </li>
        <li>
          <Link to="/roles">
            <ShieldCheck size={17} aria-hidden />
            {m.app.roles()}
          </Link>
        </li>
        <li>
          <Link to="/simulator">
            <FlaskConical size={17} aria-hidden />
            {m.simulator.title()}
          </Link>
        </li>
        <li>
          <Link to="/audit">
            <ScrollText size={17} aria-hidden />
            {m.app.audit()}
          </Link>
        </li>
      </ul>
    </>
  )
}
