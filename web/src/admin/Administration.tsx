/** The administrators' part of the menu, and what waits for them. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Biohazard, FlaskConical, Gauge, HeartPulse, FolderDown, Inbox, MailPlus, ScanSearch, ScrollText, Share2, ShieldCheck, SlidersHorizontal, Ticket, Users, UsersRound } from 'lucide-react'
import { waitingRequestsQuery } from '../api/access-requests'
import { peopleQuery } from '../api/admin'
import { scansQuery } from '../api/scans'
import { ma } from '../i18n/administration'
import { count } from '../i18n/format'
import { m } from '../i18n/messages'

/** Where files are scanned for malware, or something is still held back. */
function Quarantine() {
  const { data } = useQuery(scansQuery)
  if (data === undefined || (data.serves === 'not-scanned' && data.findings.length === 0)) return null
  const infected = data.findings.filter((finding) => finding.state === 'infected').length
  return (
    <li>
      <Link to="/quarantine">
        <Biohazard size={17} aria-hidden />
        {m.app.quarantine()}
        {infected > 0 ? (
          <span className="badge" title={ma.quarantine.found(infected)}>
            {count(infected)}
          </span>
        ) : null}
      </Link>
    </li>
  )
}

export function Administration() {
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
              <span className="badge" title={ma.people.waiting(waiting)}>
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
            {m.app.requests()}
            {requests.length > 0 ? (
              <span className="badge" title={ma.deciding.waiting(requests.length)}>
                {count(requests.length)}
              </span>
            ) : null}
          </Link>
        </li>
        <Quarantine />
        <li>
          <Link to="/all-links">
            <Share2 size={17} aria-hidden />
            {m.app.links()}
          </Link>
        </li>
        <li>
          <Link to="/quotas">
            <Gauge size={17} aria-hidden />
            {ma.quotas.title()}
          </Link>
        </li>
        <li>
          <Link to="/all-file-requests">
            <FolderDown size={17} aria-hidden />
            {m.app.allFileRequests()}
          </Link>
        </li>
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
            {m.app.simulator()}
          </Link>
        </li>
        <li>
          <Link to="/who" search={{}}>
            <ScanSearch size={17} aria-hidden />
            {m.who.title()}
          </Link>
        </li>
        <li>
          <Link to="/posture">
            <HeartPulse size={17} aria-hidden />
            {m.app.posture()}
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
