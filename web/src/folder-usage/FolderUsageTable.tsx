/** What is in a folder, by how much it takes. */
import { Link } from '@tanstack/react-router'
import { File, Folder } from 'lucide-react'
import type { FolderUsage, UsedEntry } from '../api/types'
import { isUnreachable } from '../files/paths'
import { mFolderUsage } from '../i18n/folder-usage'
import { bytes, count } from '../i18n/format'
import { Name } from '../ui/Name'
import { shareOf } from './share'

interface Props {
  usage: FolderUsage
  name: string
  location: string
}

export function FolderUsageTable({ usage, name, location }: Props) {
  return (
    <table className="table table-dense">
      <caption className="hidden-text">{mFolderUsage.table(name)}</caption>
      <thead>
        <tr>
          <th scope="col">{mFolderUsage.name()}</th>
          <th scope="col">{mFolderUsage.share()}</th>
          <th scope="col">{mFolderUsage.size()}</th>
          <th scope="col">{mFolderUsage.files()}</th>
        </tr>
      </thead>
      <tbody>
        {usage.entries.map((entry) => (
          <Row key={`${entry.kind}/${entry.name}`} entry={entry} usage={usage} location={location} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ entry, usage, location }: { entry: UsedEntry; usage: FolderUsage; location: string }) {
  const share = shareOf(entry.bytes, usage.bytes)
  return (
    <tr>
      <th scope="row">
        {entry.kind === 'folder' ? <Folder size={16} aria-hidden /> : <File size={16} aria-hidden />} <Named entry={entry} path={usage.path} location={location} />
      </th>
      <td data-label={mFolderUsage.share()}>
        <span className="fill">
          <meter min={0} max={100} value={share} aria-label={mFolderUsage.shareOf(entry.name, share)}>
            {share} %
          </meter>
          <span aria-hidden>{share} %</span>
        </span>
      </td>
      <td data-label={mFolderUsage.size()}>{bytes(entry.bytes)}</td>
      <td data-label={mFolderUsage.files()}>{count(entry.files)}</td>
    </tr>
  )
}

/** A folder opens the page of its own usage; a file is shown in its folder. */
function Named({ entry, path, location }: { entry: UsedEntry; path: string; location: string }) {
  const name = <Name text={entry.name} />
  if (isUnreachable(entry.name)) return name
  if (entry.kind === 'folder') {
    return (
      <Link to="/usage/$location/$" params={{ location, _splat: `${path}${entry.name}` }} className="link">
        {name}
      </Link>
    )
  }
  return (
    <Link to="/files/$location/$" params={{ location, _splat: path.replace(/\/$/, '') }} search={{ select: entry.name }} className="link">
      {name}
    </Link>
  )
}
