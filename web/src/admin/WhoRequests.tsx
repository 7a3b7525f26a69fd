import { Link } from '@tanstack/react-router'
import type { Who } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Name } from '../ui/Name'

/** The file requests by which something of a place is written, by whoever has their address. */
export function WhoRequests({ who }: { who: Who }) {
  const left = who.requests_total - who.requests.length
  return (
    <section className="section" aria-label={ma.reach.requests()}>
      <h2>{ma.reach.requests()}</h2>
      {who.requests.length === 0 ? <p className="soft">{ma.reach.noRequest()}</p> : null}
      <ul className="lines">
        {who.requests.map((request) => (
          <li key={request.id}>
            <span>
              <Link to="/people/$uid/reach" params={{ uid: request.uid }} className="link">
                <Name text={request.name} />
              </Link>{' '}
              <code>
                <Name text={request.key} />
              </code>{' '}
              <Name text={request.title} />
            </span>
            <small className="soft">
              {ma.reach.extent[request.extent]()} · {request.until === null ? m.links.untilRevoked() : m.links.until(request.until)} ·{' '}
              {request.password ? m.links.withPassword() : m.links.withoutPassword()}
            </small>
          </li>
        ))}
      </ul>
      {left > 0 ? <p className="soft">{ma.reach.otherRequests(left)}</p> : null}
      {who.requests_total > 0 ? (
        <p>
          <Link to="/all-file-requests" className="link">
            {m.app.allFileRequests()}
          </Link>
        </p>
      ) : null}
    </section>
  )
}
