import { useQuery } from '@tanstack/react-query'
import { Star } from 'lucide-react'
import { locationsQuery } from '../api/files'
import { placesQuery } from '../api/places'
import { m } from '../i18n/messages'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'
import { named } from './places'
import { Favourites } from './Places'

/** All that somebody marked, in the locations that they have. */
export function FavouritesPage() {
  const locations = useQuery(locationsQuery)
  const places = useQuery(placesQuery)
  const error = locations.error ?? places.error
  const marked = named(places.data?.favourites ?? [], locations.data ?? [])
  return (
    <Page title={m.files.favourites()} text={m.files.favouritesText()}>
      {error ? <Failure title={m.files.placesFailed()} error={error} onRetry={() => void Promise.all([locations.refetch(), places.refetch()])} /> : null}
      {error === null && (locations.isPending || places.isPending) ? <Loading /> : null}
      {places.data !== undefined && locations.data !== undefined && marked.length === 0 ? (
        <Blank icon={<Star size={30} strokeWidth={1.6} aria-hidden />} title={m.files.noFavourites()}>
          <p>{m.files.noFavouritesText()}</p>
        </Blank>
      ) : null}
      <div className="places">
        <Favourites places={marked} />
      </div>
    </Page>
  )
}
