import { Link } from '@tanstack/react-router'
import type { Who } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Name } from '../ui/Name'

/** The shared links that open something of a place, to whoever has their address. */
export function WhoLinks({ who }: { who: Who }) {
  const left = who.links_total - who.links.length
  return (
    <section className="section" aria-label={m.links.title()}>
      <h2>{m.links.title()}</h2>
      {who.links.length === 0 ? <p className="soft">{ma.reach.noLink()}</p> : null}
      <ul className="lines">
        {who.links.map((link) => (
          <li key={link.id}>
            <span>
              <Link to="/people/$uid/reach" params={{ uid: link.uid }} className="link">
                <Name text={link.name} />
              </Link>{' '}
              <code>
                <Name text={link.key} />
              </code>
            </span>
            <small className="soft">
              {ma.reach.extent[link.extent]()} · {link.until === null ? m.links.untilRevoked() : m.links.until(link.until)} ·{' '}
              {link.password ? m.links.withPassword() : m.links.withoutPassword()}
              {link.showing === 'view' ? ` · ${m.links.lookOnly()}` : null}
            </small>
          </li>
        ))}
      </ul>
      {left > 0 ? <p className="soft">{ma.reach.otherLinks(left)}</p> : null}
      {who.links_total > 0 ? (
        <p>
          <Link to="/all-links" className="link">
            {ma.reach.allLinks()}
          </Link>
        </p>
      ) : null}
    </section>
  )
}
