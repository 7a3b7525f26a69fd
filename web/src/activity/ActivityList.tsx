import { Link } from '@tanstack/react-router'
import type { ActivityEntry, Location } from '../api/types'
import { addressOf } from '../files/paths'
import { mActivity } from '../i18n/activity'
import { dateTime } from '../i18n/format'
import { Name } from '../ui/Name'

interface Props {
  entries: readonly ActivityEntry[]
  locations: readonly Location[]
}

/** What happened, the newest first. */
export function ActivityList({ entries, locations }: Props) {
  return (
    <ul className="lines activity" aria-label={mActivity.list()}>
      {entries.map((entry) => (
        <Line key={entry.id} entry={entry} location={locations.find(({ id }) => id === entry.location)} />
      ))}
    </ul>
  )
}

function Line({ entry, location }: { entry: ActivityEntry; location: Location | undefined }) {
  const { kind, names, count, folder, at } = entry
  const others = count - names.length
  return (
    <li>
      <span>
        <b>
          <Name text={whoOf(entry)} />
        </b>{' '}
        {mActivity.did[kind]()}{' '}
        {names.map((name, n) => (
          <span key={name}>
            {n === 0 ? null : ', '}
            <code>
              <Name text={name} />
            </code>
          </span>
        ))}
        {others > 0 ? ` ${mActivity.others(others)}` : null} {mActivity.in()}{' '}
        <Link to="/files/$location/$" params={{ location: entry.location, _splat: addressOf(folder) }} className="link">
          <Name text={folder === '' ? (location?.title ?? entry.location) : `${location?.title ?? ''}/${addressOf(folder)}`} />
        </Link>
      </span>
      <small className="soft">
        <time dateTime={at}>{dateTime(at)}</time>
      </small>
    </li>
  )
}

function whoOf({ by: { kind, name } }: ActivityEntry): string {
  switch (kind) {
    case 'person':
      return name ?? mActivity.gone()
    case 'machine':
      return mActivity.machine(name ?? '')
    case 'role':
      return mActivity.role(name ?? '')
    case 'rule':
      return mActivity.rule()
    case 'other':
      return mActivity.other()
  }
}
