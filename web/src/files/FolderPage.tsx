import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { locationsQuery } from '../api/files'
import type { Entry, Location } from '../api/types'
import { m } from '../i18n/messages'
import { Failure, Loading } from '../ui/Notice'
import { Title } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { Breadcrumbs } from './Breadcrumbs'
import { Details } from './Details'
import { download, downloadAll } from './download'
import { DropTarget } from './DropTarget'
import { keyOf, sizeOf } from './entries'
import { FileGrid } from './FileGrid'
import { NoRows, Partial, StatusLine } from './FolderBody'
import { NewFolder } from './NewFolder'
import { OwnTools } from './OwnTools'
import { addressOf, crumbs, parentOf } from './paths'
import type { Picked } from './picked'
import { Remove } from './Remove'
import { refusal, Toolbar } from './Toolbar'
import { useFolder } from './useFolder'

type Upload = (location: string, folder: string, picked: Picked[]) => void

interface Props {
  id: string
  folder: string
  onUpload: Upload
}

/** Finds the location that the address names, then shows the folder. */
export function FolderPage({ id, folder, onUpload }: Props) {
  const { data, error, isPending, refetch } = useQuery(locationsQuery)
  if (isPending) return <Loading />
  if (error) return <Failure page title={m.files.locationsFailed()} error={error} onRetry={() => void refetch()} />
  const location = data.find((l) => l.id === id)
  if (location === undefined) {
    return <Failure page title={m.files.locationGone()} error={undefined} onRetry={() => void refetch()} />
  }
  return <Folder key={`${id}/${folder}`} location={location} folder={folder} onUpload={onUpload} />
}

type Asking = 'nothing' | 'new-folder' | 'remove' | 'tools'

const WIDE = '(min-width: 1100px)'

function Folder({ location, folder, onUpload }: { location: Location; folder: string; onUpload: Upload }) {
  const { query, all, rows, keys, selection, selectedEntries, onSelect, ...view } = useFolder(location.id, folder)
  const [asking, setAsking] = useState<Asking>('nothing')
  const [details, setDetails] = useState(() => matchMedia(WIDE).matches)
  const filterField = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()

  const listing = query.data
  const may = listing?.may ?? location.may
  const name = crumbs(folder).at(-1)?.name ?? location.title
  const close = (): void => setAsking('nothing')
  const upload = (picked: Picked[]): void => onUpload(location.id, folder, picked)
  const goTo = (target: string): void =>
    void navigate({ to: '/files/$location/$', params: { location: location.id, _splat: addressOf(target) } })

  const fetchOne = (entry: Entry): void => {
    download(location.id, folder + entry.name).catch((e: unknown) => toast(`${m.files.downloadFailed(entry.name)}: ${describe(e)}`))
  }
  const fetchSelected = (): void => {
    const paths = selectedEntries.map((entry) => folder + entry.name)
    downloadAll(location.id, paths).then(
      () => toast(m.files.downloadStarted(paths.length)),
      (e: unknown) => toast(describe(e)),
    )
  }
  const onCommand = (command: 'parent' | 'remove' | 'filter'): void => {
    const above = parentOf(folder)
    if (command === 'filter') filterField.current?.focus()
    else if (command === 'remove') {
      if (selection.selected.size > 0 && may.delete.allowed) setAsking('remove')
    } else if (above === undefined) void navigate({ to: '/' })
    else goTo(above)
  }

  return (
    <DropTarget reason={refusal(may.put)} onUpload={upload}>
      <Title text={name} />
      <div className="folder-head">
        <Breadcrumbs location={location} folder={folder} />
        <Toolbar
          may={may}
          selected={selection.selected}
          filter={view.filter}
          filterField={filterField}
          detailsShown={details}
          onFilter={view.setFilter}
          onUpload={upload}
          on={{
            download: fetchSelected,
            remove: () => setAsking('remove'),
            newFolder: () => setAsking('new-folder'),
            tools: () => setAsking('tools'),
            details: () => setDetails(!details),
            refresh: () => void query.refetch(),
          }}
        />
      </div>
      {query.error && rows.length > 0 ? (
        <Partial error={query.error} shown={all.length} onRetry={() => void query.refetch()} />
      ) : null}
      <div className="split">
        <div className="contents">
          {query.error && rows.length === 0 ? null : <FileGrid
            label={m.files.grid(name)}
            rows={rows}
            keys={keys}
            order={view.order}
            onOrder={view.setOrder}
            selection={selection}
            onSelect={onSelect}
            onOpen={(entry) => (entry.kind === 'folder' ? goTo(folder + keyOf(entry)) : fetchOne(entry))}
            onCommand={onCommand}
          />}
          {rows.length > 0 ? null : <NoRows
            location={location}
            listing={listing}
            error={query.error}
            filter={view.filter}
            onRetry={() => void query.refetch()}
            onClearFilter={() => view.setFilter('')}
          />}
        </div>
        {details ? <Details location={location} folder={folder} entries={selectedEntries} onClose={() => setDetails(false)} /> : null}
      </div>
      <StatusLine
        listing={listing}
        rows={rows}
        selected={selection.selected.size}
        selectedBytes={sizeOf(rows, selection.selected)}
      />
      {asking === 'new-folder' ? (
        <NewFolder location={location.id} folder={folder} taken={(n) => all.some((e) => e.name === n)} onClose={close} />
      ) : null}
      {asking === 'remove' ? <Remove location={location.id} folder={folder} keys={[...selection.selected]} onClose={close} /> : null}
      {asking === 'tools' ? <OwnTools location={location} onClose={close} /> : null}
    </DropTarget>
  )
}
