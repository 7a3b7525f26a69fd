import { Link } from '@tanstack/react-router'
import { Clock, Star } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Location } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { useKept } from '../ui/useKept'
import { addressOf } from './paths'
import { favourites, named, recent, toggleFavourite, type NamedPlace } from './places'

/** The folders that somebody marked, and those where they were lately. */
export function Places({ locations }: { locations: readonly Location[] }) {
  const marked = named(useKept(favourites), locations)
  const visited = named(useKept(recent), locations)
  return (
    <>
      {marked.length === 0 ? null : (
        <section className="places" aria-label={m.files.favourites()}>
          <h2>{m.files.favourites()}</h2>
          <ul className="lines">
            {marked.map((place) => (
              <PlaceRow key={`${place.location}/${place.folder}`} place={place}>
                <Button look="quiet" label={m.files.unmarkNamed(place.name)} onPress={() => toggleFavourite(place)}>
                  <Star size={16} fill="currentColor" aria-hidden />
                </Button>
              </PlaceRow>
            ))}
          </ul>
        </section>
      )}
      {visited.length === 0 ? null : (
        <section className="places" aria-label={m.files.recent()}>
          <h2>{m.files.recent()}</h2>
          <ul className="lines">
            {visited.map((place) => (
              <PlaceRow key={`${place.location}/${place.folder}`} place={place}>
                <Clock size={16} className="soft" aria-hidden />
              </PlaceRow>
            ))}
          </ul>
        </section>
      )}
      {marked.length + visited.length === 0 ? null : <small className="soft">{m.files.keptHere()}</small>}
    </>
  )
}

function PlaceRow({ place, children }: { place: NamedPlace; children: ReactNode }) {
  const { location, folder, name, way } = place
  return (
    <li className="place">
      <Link to="/files/$location/$" params={{ location, _splat: addressOf(folder) }}>
        <b>
          <Name text={name} />
        </b>
        <small className="soft">
          <Name text={way} />
        </small>
      </Link>
      {children}
    </li>
  )
}
