import { Link } from '@tanstack/react-router'
import type { Location } from '../api/types'
import { m } from '../i18n/messages'
import { addressOf, crumbs } from './paths'

export function Breadcrumbs({ location, folder }: { location: Location; folder: string }) {
  const all = [{ name: location.title, folder: '' }, ...crumbs(folder)]
  return (
    <nav aria-label={m.files.breadcrumbs()} className="crumbs">
      <ol>
        {all.map((crumb, i) => (
          <li key={crumb.folder}>
            {i === all.length - 1 ? (
              <h1 aria-current="page">{crumb.name}</h1>
            ) : (
              <Link to="/files/$location/$" params={{ location: location.id, _splat: addressOf(crumb.folder) }}>
                {crumb.name}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
