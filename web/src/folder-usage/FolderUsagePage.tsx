/** How much lies in a folder, and in which of the folders in it. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChartPie } from 'lucide-react'
import { locationsQuery } from '../api/files'
import { folderUsageQuery } from '../api/folder-usage'
import type { FolderUsage } from '../api/types'
import { addressOf, type Crumb, crumbs } from '../files/paths'
import { mFolderUsage } from '../i18n/folder-usage'
import { bytes } from '../i18n/format'
import { m } from '../i18n/messages'
import { Name } from '../ui/Name'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { FolderUsageTable } from './FolderUsageTable'

interface Props {
  id: string
  folder: string
}

export function FolderUsagePage({ id, folder }: Props) {
  const { data: locations = [] } = useQuery(locationsQuery)
  const { data, error, isPending, refetch } = useQuery(folderUsageQuery(id, folder))
  const location = locations.find((one) => one.id === id)
  const way = location === undefined ? [] : [{ name: location.title, folder: '' }, ...crumbs(folder)]
  const name = way.at(-1)?.name ?? ''
  return (
    <Page title={name === '' ? m.app.usage() : mFolderUsage.title(name)} text={mFolderUsage.text()}>
      {way.length === 0 ? null : <Way id={id} folder={folder} way={way} />}
      <Link to="/files/$location/$" params={{ location: id, _splat: addressOf(folder) }} className="link">
        {mFolderUsage.back()}
      </Link>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={mFolderUsage.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined || error ? null : <Found usage={data} name={name} location={id} />}
    </Page>
  )
}

/** The folders above, each with its own usage. */
function Way({ id, folder, way }: { id: string; folder: string; way: readonly Crumb[] }) {
  return (
    <nav className="crumbs" aria-label={mFolderUsage.way()}>
      <ol>
        {way.map((crumb) => (
          <li key={crumb.folder}>
            <Link to="/usage/$location/$" params={{ location: id, _splat: addressOf(crumb.folder) }} {...(crumb.folder === folder ? { 'aria-current': 'page' as const } : {})}>
              <Name text={crumb.name} />
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Found({ usage, name, location }: { usage: FolderUsage; name: string; location: string }) {
  return (
    <>
      <p>
        <b>{mFolderUsage.total(bytes(usage.bytes), usage.files, usage.folders)}</b> <span className="soft">{mFolderUsage.asOf(usage.as_of)}</span>
      </p>
      {usage.complete ? null : <Notice tone="calm">{usage.unsure ? mFolderUsage.unsure() : mFolderUsage.incomplete()}</Notice>}
      {usage.entries.length === 0 && usage.complete ? (
        <Blank icon={<ChartPie size={30} strokeWidth={1.6} aria-hidden />} title={mFolderUsage.none()}>
          <p>{mFolderUsage.noneText()}</p>
        </Blank>
      ) : null}
      {usage.entries.length === 0 ? null : <FolderUsageTable usage={usage} name={name} location={location} />}
      {usage.left_out === 0 ? null : <p className="soft">{mFolderUsage.leftOut(usage.left_out)}</p>}
    </>
  )
}
