import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState, type ComponentType, type RefObject } from 'react'
import { locationsQuery } from '../api/files'
import { noteVisit, type Place } from '../api/places'
import type { Entry, Location } from '../api/types'
import { m } from '../i18n/messages'
import { offer, type Command } from '../ui/commands'
import { letters } from '../ui/letters'
import { ContextMenu, type Point } from '../ui/Menu'
import { Failure, Loading } from '../ui/Notice'
import { Title } from '../ui/Page'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { useKept } from '../ui/useKept'
import { copy, folderActions, pathIn, selectionActions, type Doing } from './actions'
import { Asked, type Asking } from './Asked'
import { Breadcrumbs } from './Breadcrumbs'
import { Details } from './Details'
import { download, downloadAll } from './download'
import { DropTarget } from './DropTarget'
import { keyOf, sizeOf } from './entries'
import { FileGrid, type FolderCommand } from './FileGrid'
import type { RowMoves } from './GridRow'
import { NoRows, Partial, StatusLine } from './FolderBody'
import { addressOf, crumbs, isUnreachable, parentOf } from './paths'
import { refusal } from './permissions'
import type { Dropped, Picked } from './picked'
import { useMarks } from './places'
import { isFile, previewed, type Previewed, type PreviewProps } from './previewing'
import { take } from './taking'
import { Toolbar } from './Toolbar'
import { useFolder } from './useFolder'
import { useMoves } from './useMoves'
import { usePaste } from './usePaste'
import { look, type Look } from './views'

type Upload = (location: string, folder: string, picked: Picked[]) => void

interface Props {
  id: string
  folder: string
  /** The entry that the address points to. */
  select: string | undefined
  onUpload: Upload
  Preview: ComponentType<PreviewProps>
}

/** Finds the location that the address names, then shows the folder. */
export function FolderPage({ id, folder, select, onUpload, Preview }: Props) {
  const { data, error, isPending, refetch } = useQuery(locationsQuery)
  if (isPending) return <Loading />
  if (error) return <Failure page title={m.files.locationsFailed()} error={error} onRetry={() => void refetch()} />
  const location = data.find((l) => l.id === id)
  if (location === undefined) {
    return <Failure page title={m.files.locationGone()} error={undefined} onRetry={() => void refetch()} />
  }
  return <Folder key={`${id}/${folder}`} location={location} folder={folder} select={select} onUpload={onUpload} Preview={Preview} />
}

/** What the details offer besides the menu. */
const IN_DETAILS = new Set(['rename', 'move-to', 'copy-to', 'share'])

const WIDE = '(min-width: 1100px)'

type FolderProps = Omit<Props, 'id'> & { location: Location }

function Folder({ location, folder, select, onUpload, Preview }: FolderProps) {
  const view = useFolder(location.id, folder)
  const { query, all, rows, selection, selectedEntries, onSelect } = view
  const [asking, setAsking] = useState<Asking>('nothing')
  const [menuAt, setMenuAt] = useState<Point>()
  const [details, setDetails] = useState(() => matchMedia(WIDE).matches)
  const filterField = useRef<HTMLInputElement>(null)
  const page = useRef<HTMLDivElement>(null)
  const shown = useKept(look)
  const go = useGoing(location.id, folder)
  const visit = useVisits(location.id, folder, query.data?.may !== undefined)
  const [looking, setLooking] = usePreviewing(page, visit)
  const files = useMemo(() => rows.filter(isFile).map(previewed), [rows])
  const marks = useMarks()

  const listing = query.data
  const may = listing?.may ?? location.may
  const name = crumbs(folder).at(-1)?.name ?? location.title
  const upload = (picked: Picked[]): void => onUpload(location.id, folder, picked)
  const onDropped = (dropped: Dropped): void => take(location.id, folder, dropped, upload, query.refetch)
  const taken = (wanted: string): boolean => all.some((entry) => entry.name === wanted)
  const moves = useMoves({ location: location.id, folder, may, selected: selectedEntries, taken })
  usePaste(refusal(may.put), onDropped, moves.clip === undefined ? undefined : moves.paste)

  const doing: Doing = {
    location,
    folder,
    may,
    selected: selectedEntries,
    marks,
    open: (entry) => (isUnreachable(entry.name) ? toast(m.files.unreachable()) : isFile(entry) ? setLooking(previewed(entry)) : go.into(entry)),
    download: () => fetchAll(location.id, folder, selectedEntries, visit),
    remove: () => moves.remove(() => setAsking('remove')),
    clipped: moves.clip?.keys.length ?? 0,
    rename: moves.rename,
    cut: moves.cut,
    copy: moves.copy,
    paste: moves.paste,
    moveTo: () => setAsking('move'),
    copyTo: () => setAsking('copy'),
    share: () => setAsking('share'),
    collect: () => setAsking('collect'),
    trash: go.trash,
    past: go.past,
    activity: go.activity,
    watch: () => setAsking('watch'),
    usage: go.usage,
    newFolder: () => setAsking('new-folder'),
    details: () => setDetails(!details),
    refresh: () => void query.refetch(),
    parent: go.up,
    selectAll: () => onSelect({ kind: 'all' }),
    help: () => setAsking('help'),
  }
  useEffect(() => offer([...selectionActions(doing), ...folderActions(doing)]))

  const onCommand = (command: FolderCommand): void => {
    if (command === 'filter') filterField.current?.focus()
    else if (command === 'help') setAsking('help')
    else if (command === 'parent') go.up()
    else if (command === 'cut') moves.cut()
    else if (command === 'copy') moves.copy()
    else if (command === 'favourite') marks.toggle(meant(location.id, folder, selectedEntries))
    else byAction(selectionActions(doing), command)
  }
  const closePreview = (last: string): void => {
    setLooking(undefined)
    onSelect({ kind: 'only', key: last })
  }
  const closeMenu = (): void => {
    setMenuAt(undefined)
    page.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true })
  }

  return (
    <DropTarget reason={refusal(may.put)} onDropped={onDropped}>
      <Title text={name} />
      <div className="folder-head">
        <Breadcrumbs location={location} folder={folder} onCopyPath={() => copy(pathIn(location, folder))} onDrop={moves.dropInto} />
        <Toolbar
          may={may}
          selected={selection.selected}
          filter={view.filter}
          filterField={filterField}
          detailsShown={details}
          look={shown}
          onFilter={view.setFilter}
          onUpload={upload}
          on={{ ...doing, tools: () => setAsking('tools') }}
        />
      </div>
      {query.error && all.length > 0 ? (
        <Partial error={query.error} shown={all.length} onRetry={() => void query.refetch()} />
      ) : null}
      <div className="split" ref={page}>
        <Contents view={view} folder={folder} location={location} name={name} look={shown} select={select} moves={moves.rows} onOpen={doing.open} onCommand={onCommand} onMenu={setMenuAt} />
        {details ? <Details location={location} folder={folder} entries={selectedEntries} onPreview={doing.open} actions={selectionActions(doing).filter(({ id }) => IN_DETAILS.has(id))} onClose={() => setDetails(false)} /> : null}
      </div>
      <StatusLine location={location.id} listing={listing} failed={query.error !== null} rows={rows} selected={selection.selected.size} selectedBytes={sizeOf(rows, selection.selected)} />
      {menuAt === undefined ? null : <FolderMenu at={menuAt} doing={doing} onClose={closeMenu} />}
      {looking === undefined ? null : <Preview location={location.id} folder={folder} files={files} first={looking} onDownload={(file) => fetchOne(location.id, folder, file)} onClose={closePreview} />}
      <Asked
        asking={asking}
        location={location}
        folder={folder}
        keys={[...selection.selected]}
        taken={taken}
        onRemove={moves.trash}
        onBring={moves.bring}
        onClose={() => setAsking('nothing')}
      />
    </DropTarget>
  )
}

interface ContentsProps {
  view: ReturnType<typeof useFolder>
  location: Location
  folder: string
  name: string
  look: Look
  select: string | undefined
  moves: RowMoves
  onOpen: (entry: Entry) => void
  onCommand: (command: FolderCommand) => void
  onMenu: (at: Point) => void
}

/** The rows, or why there are none. */
function Contents({ view, location, folder, name, look: shown, select, moves, onOpen, onCommand, onMenu }: ContentsProps) {
  const { query, rows, keys, selection, onSelect } = view
  const byLetter = useKept(letters)
  const listing = query.data
  return (
    <div className="contents">
      {query.error && rows.length === 0 ? null : <FileGrid
        label={m.files.grid(name)}
        place={view.place}
        rows={rows}
        keys={keys}
        complete={listing?.complete === true}
        look={shown}
        letters={byLetter}
        order={view.order}
        onOrder={view.setOrder}
        selection={selection}
        onSelect={onSelect}
        onOpen={onOpen}
        onCommand={onCommand}
        onMenu={onMenu}
        moves={moves}
        reveal={select}
      />}
      {rows.length > 0 ? null : <NoRows
        location={location}
        folder={folder}
        listing={listing}
        error={query.error}
        filter={view.filter}
        onRetry={() => void query.refetch()}
        onClearFilter={() => view.setFilter('')}
      />}
    </div>
  )
}

/** What a key does is what the menu would do, with the same reason where it cannot. */
function byAction(actions: readonly Command[], id: 'remove' | 'rename'): void {
  const action = actions.find((one) => one.id === id)
  if (action === undefined) return
  if (action.reason === undefined) action.onAction()
  else toast(action.reason)
}

function FolderMenu({ at, doing, onClose }: { at: Point; doing: Doing; onClose: () => void }) {
  const some = doing.selected.length > 0
  const label = some ? m.files.selectionMenu() : m.files.toolbar()
  return <ContextMenu at={at} label={label} actions={some ? selectionActions(doing) : folderActions(doing)} onClose={onClose} />
}

/** The file that is looked at. When it is closed the list has the focus again, whichever button opened it. */
function usePreviewing(page: RefObject<HTMLElement | null>, visit: (key: string) => void) {
  const [looking, setLooking] = useState<Previewed>()
  const looked = useRef(false)
  useEffect(() => {
    if (looking === undefined && looked.current) page.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true })
    looked.current = looking !== undefined
  }, [looking, page])
  const look = (file: Previewed | undefined): void => {
    if (file !== undefined) visit(file.name)
    setLooking(file)
  }
  return [looking, look] as const
}

/** Notes that somebody is in a folder, once it has let itself be listed, and what they look at in it. */
function useVisits(location: string, folder: string, seen: boolean): (key: string) => void {
  const queries = useQueryClient()
  useEffect(() => {
    if (seen) noteVisit(queries, { location, path: folder })
  }, [queries, location, folder, seen])
  return (key) => noteVisit(queries, { location, path: folder + key })
}

/** Ways out of a folder. Going up leaves the folder that one was in selected. */
function useGoing(location: string, folder: string) {
  const navigate = useNavigate()
  const to = (target: string, select?: string): void =>
    void navigate({
      to: '/files/$location/$',
      params: { location, _splat: addressOf(target) },
      search: select === undefined ? {} : { select },
    })
  return {
    into: (entry: Entry) => to(folder + keyOf(entry)),
    past: () => void navigate({ to: '/past/$location/$', params: { location, _splat: addressOf(folder) }, search: {} }),
    activity: () => void navigate({ to: '/activity/$location/$', params: { location, _splat: addressOf(folder) }, search: {} }),
    usage: () => void navigate({ to: '/usage/$location/$', params: { location, _splat: addressOf(folder) } }),
    trash: () => void navigate({ to: '/trash/$location/$', params: { location, _splat: addressOf(folder) } }),
    up: () => {
      const above = parentOf(folder)
      if (above === undefined) void navigate({ to: '/' })
      else to(above, folder.slice(above.length))
    },
  }
}

function fetchOne(location: string, folder: string, name: string): void {
  download(location, folder + name).catch((e: unknown) => toast(`${m.files.downloadFailed(name)}: ${describe(e)}`))
}

/** What the key marks: what is selected, or else the folder. */
function meant(location: string, folder: string, entries: readonly Entry[]): Place {
  const [entry] = entries
  return { location, path: entry !== undefined && entries.length === 1 ? folder + keyOf(entry) : folder }
}

function fetchAll(location: string, folder: string, entries: readonly Entry[], visit: (key: string) => void): void {
  if (entries.length === 1) entries.filter(isFile).map(keyOf).forEach(visit)
  const paths = entries.map((entry) => folder + keyOf(entry))
  downloadAll(location, paths).then(
    (told) => toast(told),
    (e: unknown) => toast(describe(e)),
  )
}
