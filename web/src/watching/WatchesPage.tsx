import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Bell } from 'lucide-react'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import { endWatch, watchesQuery } from '../api/watches'
import type { Location, Watch } from '../api/types'
import { addressOf } from '../files/paths'
import { mActivity } from '../i18n/activity'
import { dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Name } from '../ui/Name'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { MailNotice } from './WatchFolder'

interface Props {
  /** The one that a letter asks about: whether it is to be ended. */
  asked: string | undefined
  onAnswered: () => void
}

/** What one watches, each of which can be ended. */
export function WatchesPage({ asked, onAnswered }: Props) {
  const { data, error, isPending, refetch } = useQuery(watchesQuery)
  const { data: locations = [] } = useQuery(locationsQuery)
  const [chosen, setChosen] = useState<string>()
  const watches = data?.watches ?? []
  const ending = watches.find(({ id }) => id === (chosen ?? asked))
  const close = (): void => {
    setChosen(undefined)
    if (asked !== undefined) onAnswered()
  }
  return (
    <Page title={mActivity.watch.title()} text={mActivity.watch.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={mActivity.watch.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <MailNotice mail={data.mail} />}
      {data !== undefined && asked !== undefined && ending === undefined ? <Notice tone="calm">{mActivity.watch.over()}</Notice> : null}
      {data !== undefined && watches.length === 0 ? (
        <Blank icon={<Bell size={30} strokeWidth={1.6} aria-hidden />} title={mActivity.watch.none()}>
          <p>{mActivity.watch.noneText()}</p>
        </Blank>
      ) : null}
      {watches.length === 0 ? null : (
        <table className="table">
          <caption className="hidden-text">{mActivity.watch.title()}</caption>
          <thead>
            <tr>
              <th scope="col">{mActivity.watch.place()}</th>
              <th scope="col">{mActivity.watch.rhythm()}</th>
              <th scope="col" className="end">
                {m.common.actions()}
              </th>
            </tr>
          </thead>
          <tbody>
            {watches.map((watch) => (
              <Line key={watch.id} watch={watch} location={locations.find(({ id }) => id === watch.location)} onEnd={() => setChosen(watch.id)} />
            ))}
          </tbody>
        </table>
      )}
      {ending === undefined ? null : <Ending watch={ending} name={nameOf(ending, locations)} onClose={close} />}
    </Page>
  )
}

function Line({ watch, location, onEnd }: { watch: Watch; location: Location | undefined; onEnd: () => void }) {
  const { path, state, rhythm, created } = watch
  const name = nameOf(watch, location === undefined ? [] : [location])
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return (
    <tr>
      <th scope="row">
        {location === undefined ? (
          <Name text={name} />
        ) : (
          <Link to="/files/$location/$" params={{ location: location.id, _splat: addressOf(folder) }} className="link">
            <Name text={name} />
          </Link>
        )}
        <div className="soft">{mActivity.watch.since(dateTime(created))}</div>
      </th>
      <td data-label={mActivity.watch.rhythm()}>
        {rhythm === 'soon' ? mActivity.watch.soon() : mActivity.watch.daily()}
        {state === 'standing' ? null : (
          <div>
            <span className="pill pill-warn">{mActivity.watch.silent[state]()}</span>
          </div>
        )}
      </td>
      <td className="end">
        <Button onPress={onEnd}>
          {mActivity.watch.end()} <span className="hidden-text">{name}</span>
        </Button>
      </td>
    </tr>
  )
}

function Ending({ watch, name, onClose }: { watch: Watch; name: string; onClose: () => void }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => endWatch(watch.id),
    onSuccess: async () => {
      toast(mActivity.watch.ended())
      onClose()
      await queries.invalidateQueries({ queryKey: watchesQuery.queryKey })
    },
  })
  return (
    <Confirm title={mActivity.watch.endTitle(name)} action={mActivity.watch.end()} pending={end.isPending} onConfirm={() => end.mutate()} onClose={onClose}>
      {end.error ? <Notice tone="bad">{describe(end.error)}</Notice> : null}
      <p>{mActivity.watch.endText()}</p>
    </Confirm>
  )
}

function nameOf({ location, path }: Watch, locations: readonly Location[]): string {
  const title = locations.find(({ id }) => id === location)?.title
  if (path === '') return title ?? mActivity.watch.lost()
  return title === undefined ? path : `${title}/${path}`
}
