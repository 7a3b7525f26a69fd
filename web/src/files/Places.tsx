import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Clock, File, Folder, Star } from 'lucide-react'
import type { ReactNode } from 'react'
import { placesQuery } from '../api/places'
import type { Location } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { addressOf } from './paths'
import { named, useMarks, type NamedPlace } from './places'

/** So many of each are shown beside the locations; their own pages have all. */
const SHOWN_MAX = 8

/** What somebody marked, and where they were lately. */
export function Places({ locations }: { locations: readonly Location[] }) {
  const { data } = useQuery(placesQuery)
  const marked = named(data?.favourites ?? [], locations)
  const visited = named(data?.recent ?? [], locations)
  return (
    <>
      {marked.length === 0 ? null : (
        <section className="places" aria-label={m.files.favourites()}>
          <h2>{m.files.favourites()}</h2>
          <Favourites places={marked.slice(0, SHOWN_MAX)} />
          {marked.length > SHOWN_MAX ? (
            <Link to="/favourites" className="link">
              {m.files.allFavourites(marked.length)}
            </Link>
          ) : null}
        </section>
      )}
      {visited.length === 0 ? null : (
        <section className="places" aria-label={m.files.recent()}>
          <h2>{m.files.recent()}</h2>
          <ul className="lines">
            {visited.slice(0, SHOWN_MAX).map((place) => (
              <PlaceRow key={`${place.location}/${place.path}`} place={place}>
                <Clock size={16} className="soft" aria-hidden />
              </PlaceRow>
            ))}
          </ul>
          <Link to="/recent" className="link">
            {m.files.allRecent()}
          </Link>
        </section>
      )}
    </>
  )
}

export function Favourites({ places }: { places: readonly NamedPlace[] }) {
  const { toggle } = useMarks()
  return (
    <ul className="lines">
      {places.map((place) => (
        <PlaceRow key={`${place.location}/${place.path}`} place={place}>
          <Button look="quiet" label={m.files.unmarkNamed(place.name)} onPress={() => toggle(place)}>
            <Star size={16} fill="currentColor" aria-hidden />
          </Button>
        </PlaceRow>
      ))}
    </ul>
  )
}

export function PlaceRow({ place, children }: { place: NamedPlace; children: ReactNode }) {
  const { location, folder, select, name, way } = place
  const search = select === undefined ? {} : { select }
  return (
    <li className="place">
      {select === undefined ? <Folder size={16} className="ic-folder" aria-hidden /> : <File size={16} className="soft" aria-hidden />}
      <Link to="/files/$location/$" params={{ location, _splat: addressOf(folder) }} search={search}>
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
