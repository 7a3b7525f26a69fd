import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { History } from 'lucide-react'
import { useState } from 'react'
import { activityQuery } from '../api/activity'
import { locationsQuery } from '../api/files'
import { addressOf } from '../files/paths'
import { mActivity } from '../i18n/activity'
import { Button } from '../ui/Button'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { ActivityFilters } from './ActivityFilters'
import { ActivityList } from './ActivityList'
import { askedOf, type Chosen, folderOf, isNothing, nameOf, people } from './chosen'

interface Props {
  /** Of one location, a folder or a file there; everywhere without it. */
  place?: { id: string; path: string } | undefined
}

/** What happened, everywhere or in one place. */
export function ActivityPage({ place }: Props) {
  const [chosen, setChosen] = useState<Chosen>({})
  const { data: locations = [] } = useQuery(locationsQuery)
  const at = place ?? (chosen.location === undefined ? undefined : { id: chosen.location, path: '' })
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(activityQuery(at, askedOf(chosen)))
  const pages = data?.pages ?? []
  const entries = pages.flatMap((page) => page.entries)
  const [first] = pages
  const location = locations.find((one) => one.id === place?.id)
  return (
    <Page title={titleOf(place?.path, location?.title)} text={mActivity.text()}>
      {place === undefined ? null : (
        <Link to="/files/$location/$" params={{ location: place.id, _splat: addressOf(folderOf(place.path)) }} className="link">
          {mActivity.back()}
        </Link>
      )}
      <p>
        <Link to="/watches" search={{}} className="link">
          {mActivity.watch.all()}
        </Link>
      </p>
      <ActivityFilters chosen={chosen} people={people(entries, chosen.person)} locations={place === undefined ? locations : []} onChange={setChosen} />
      {first?.source === 'portal' ? <Notice tone="calm">{mActivity.byPortal()}</Notice> : null}
      {pages.some((page) => !page.complete) ? <Notice tone="calm">{mActivity.incomplete()}</Notice> : null}
      {isPending ? <Loading /> : null}
      {error ? <Failure title={mActivity.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {first !== undefined && entries.length === 0 ? (
        <Blank icon={<History size={30} strokeWidth={1.6} aria-hidden />} title={mActivity.none()}>
          <p>{isNothing(chosen) ? mActivity.noneText() : mActivity.noneSo()}</p>
        </Blank>
      ) : null}
      {entries.length === 0 ? null : <ActivityList entries={entries} locations={locations} />}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {mActivity.more()}
        </Button>
      ) : typeof first?.since !== 'string' ? null : (
        <p className="soft">{mActivity.since(first.since)}</p>
      )}
    </Page>
  )
}

function titleOf(path: string | undefined, location: string | undefined): string {
  if (path === undefined) return mActivity.title()
  const name = nameOf(path)
  if (path !== '' && !path.endsWith('/')) return mActivity.titleOfFile(name)
  return mActivity.titleOf(name === '' ? (location ?? '') : name)
}
