import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { FileText, Folder, FolderOpen, Search, Signpost, Star } from 'lucide-react'
import { useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from 'react'
import { Autocomplete, Header, Input, Label, Menu, MenuSection, SearchField } from 'react-aria-components'
import { listingQuery, locationsQuery } from '../api/files'
import type { Person } from '../api/types'
import { keyOf } from '../files/entries'
import { addressOf, folderFromAddress } from '../files/paths'
import { isSame, placesQuery } from '../api/places'
import { named } from '../files/places'
import { m } from '../i18n/messages'
import { current, subscribe, type Command } from '../ui/commands'
import { Dialog } from '../ui/Dialog'
import { item } from '../ui/Menu'
import { found, type Findable } from './finding'

const SECTION_MAX = 8

type Way = Command & Findable

interface Props {
  person: Person
  /** It is an administrator who sees as them. */
  viewed: boolean
  onClose: () => void
}

/** Goes to places and does what can be done here, by typing a few letters. */
export function Palette({ person, viewed, onClose }: Props) {
  const [text, setText] = useState('')
  const here = useSyncExternalStore(subscribe, current)
  const places = usePlaces(viewed)
  const entries = useEntries()
  const pages = usePages(person, viewed)
  const everywhere = useSearch(text.trim())
  const sections = [
    { name: m.palette.here(), items: found(here, text, SECTION_MAX) },
    { name: m.palette.entries(), items: text.trim() === '' ? [] : found(entries, text, SECTION_MAX) },
    { name: m.palette.places(), items: found(places, text, SECTION_MAX) },
    { name: m.palette.pages(), items: found(pages, text, SECTION_MAX) },
  ].filter((section) => section.items.length > 0)
  const all = viewed || everywhere.length === 0 ? sections : [...sections, { name: m.search.section(), items: everywhere }]
  const closing = (command: Command): ReactNode =>
    item({
      ...command,
      onAction: () => {
        onClose()
        command.onAction()
      },
    })
  // The field would take the first Escape to empty itself.
  const onKeyDownCapture = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    onClose()
  }
  return (
    <Dialog title={m.palette.title()} onClose={onClose} wide>
      <div className="palette" onKeyDownCapture={onKeyDownCapture}>
        <Autocomplete inputValue={text} onInputChange={setText}>
          <SearchField className="search palette-search" autoFocus>
            <Label className="hidden-text">{m.palette.label()}</Label>
            <Search size={16} aria-hidden />
            <Input placeholder={m.palette.label()} />
          </SearchField>
          {sections.length === 0 ? (
            <p className="soft" role="status">
              {m.palette.nothing()}
            </p>
          ) : null}
          <Menu className="list palette-list" aria-label={m.palette.title()}>
            {all.map(({ name: heading, items }) => (
              <MenuSection key={heading}>
                <Header className="item-head">{heading}</Header>
                {items.map(closing)}
              </MenuSection>
            ))}
          </Menu>
        </Autocomplete>
      </div>
    </Dialog>
  )
}

function useFolderWay(): (location: string, folder: string, select?: string) => void {
  const navigate = useNavigate()
  return (location, folder, select) =>
    void navigate({
      to: '/files/$location/$',
      params: { location, _splat: addressOf(folder) },
      search: select === undefined ? {} : { select },
    })
}

/** Locations, marked folders, and where the person was lately. */
function usePlaces(viewed: boolean): Way[] {
  const { data: locations = [] } = useQuery(locationsQuery)
  const go = useFolderWay()
  const { data: places } = useQuery({ ...placesQuery, enabled: !viewed })
  const marked = named(places?.favourites ?? [], locations)
  const visited = named(places?.recent ?? [], locations)
  const seen = new Set<string>()
  const folders = [...marked, ...visited].flatMap((place): Way[] => {
    const { location, path, folder, select, name, way } = place
    const id = `place:${location}/${path}`
    if (path === '' || seen.has(id)) return []
    seen.add(id)
    const icon = marked.some((other) => isSame(other, place)) ? <Star size={16} aria-hidden /> : <Folder size={16} aria-hidden />
    return [{ id, label: name === way ? name : `${name} – ${way}`, more: way, icon, onAction: () => go(location, folder, select) }]
  })
  const roots = locations.map(({ id, title }): Way => ({
    id: `location:${id}`,
    label: title,
    icon: <FolderOpen size={16} aria-hidden />,
    onAction: () => go(id, ''),
  }))
  return [...roots, ...folders]
}

/** What is in the folder that is open. A folder opens; a file is selected and shown. */
function useEntries(): Way[] {
  const { location, _splat } = useParams({ strict: false })
  const go = useFolderWay()
  const queries = useQueryClient()
  if (location === undefined) return []
  const folder = folderFromAddress(_splat)
  const listing = queries.getQueryData(listingQuery(location, folder).queryKey)
  return (listing?.entries ?? []).map((entry) => ({
    id: `entry:${keyOf(entry)}`,
    label: entry.name,
    icon: entry.kind === 'folder' ? <Folder size={16} aria-hidden /> : <FileText size={16} aria-hidden />,
    onAction: () => (entry.kind === 'folder' ? go(location, folder + keyOf(entry)) : go(location, folder, keyOf(entry))),
  }))
}

/** To search all locations for what was written. */
function useSearch(words: string): Way[] {
  const navigate = useNavigate()
  if (words === '') return []
  // It holds what was written, so that the list's own filter keeps it.
  return [{ id: 'search', label: m.search.inAll(words), icon: <Search size={16} aria-hidden />, onAction: () => void navigate({ to: '/search', search: { q: words } }) }]
}

function usePages(person: Person, viewed: boolean): Way[] {
  const navigate = useNavigate()
  const files = ['/', m.files.locations()] as const
  const own = [
    ['/search', m.search.title()],
    ['/favourites', m.files.favourites()],
    ['/recent', m.files.recent()],
    ['/links', m.links.title()],
    ['/file-requests', m.app.fileRequests()],
    ['/account', m.app.account()],
    ['/keys', m.app.keys()],
    ['/tokens', m.app.tokens()],
    ['/documentation', m.app.documentation()],
  ] as const
  const administration = [
    ['/people', m.app.people()],
    ['/groups', m.app.groups()],
    ['/grants', m.app.grants()],
    ['/invitations', m.app.invitations()],
    ['/requests', m.app.requests()],
    ['/quarantine', m.app.quarantine()],
    ['/all-links', m.app.links()],
    ['/quotas', m.app.quotas()],
    ['/all-file-requests', m.app.allFileRequests()],
    ['/posture', m.app.posture()],
    ['/settings', m.app.settings()],
    ['/roles', m.app.roles()],
    ['/simulator', m.app.simulator()],
    ['/who', m.who.title()],
    ['/audit', m.app.audit()],
  ] as const
  return [files, ...(viewed ? [] : own), ...(person.administrator ? administration : [])].map(([to, label]) => ({
    id: `page:${to}`,
    label,
    icon: <Signpost size={16} aria-hidden />,
    onAction: () => void navigate({ to }),
  }))
}
