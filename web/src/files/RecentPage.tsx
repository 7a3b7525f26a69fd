import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Clock, X } from 'lucide-react'
import { locationsQuery } from '../api/files'
import { forgetOne, forgetRecent, keepRecent, placesQuery } from '../api/places'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { named } from './places'
import { PlaceRow } from './Places'

/** Where somebody was lately; they may forget it, and have it not kept at all. */
export function RecentPage() {
  const queries = useQueryClient()
  const locations = useQuery(locationsQuery)
  const places = useQuery(placesQuery)
  const doing = useMutation({ mutationFn: (what: () => Promise<void>) => what() })
  const error = locations.error ?? places.error
  const visited = named(places.data?.recent ?? [], locations.data ?? [])
  const keeps = places.data?.keeps_recent !== false
  return (
    <Page title={m.files.recent()} text={m.files.recentText()}>
      {error ? <Failure title={m.files.placesFailed()} error={error} onRetry={() => void Promise.all([locations.refetch(), places.refetch()])} /> : null}
      {error === null && (locations.isPending || places.isPending) ? <Loading /> : null}
      {doing.error ? <Notice tone="bad">{describe(doing.error)}</Notice> : null}
      {places.data === undefined ? null : (
        <div className="foot">
          <Tick value={keeps} onChange={(keep) => doing.mutate(() => keepRecent(queries, keep))}>
            {m.files.keepRecent()}
          </Tick>
          <Button onPress={() => doing.mutate(() => forgetRecent(queries))} reason={visited.length === 0 ? m.files.nothingToForget() : undefined}>
            {m.files.forgetRecent()}
          </Button>
        </div>
      )}
      {places.data !== undefined && locations.data !== undefined && visited.length === 0 ? (
        <Blank icon={<Clock size={30} strokeWidth={1.6} aria-hidden />} title={m.files.noRecent()}>
          <p>{keeps ? m.files.noRecentText() : m.files.recentOff()}</p>
        </Blank>
      ) : null}
      <div className="places">
        <ul className="lines">
          {visited.map((place) => (
            <PlaceRow key={`${place.location}/${place.path}`} place={place}>
              <Button look="quiet" label={m.files.forgetNamed(place.name)} onPress={() => doing.mutate(() => forgetOne(queries, place))}>
                <X size={16} aria-hidden />
              </Button>
            </PlaceRow>
          ))}
        </ul>
      </div>
    </Page>
  )
}
