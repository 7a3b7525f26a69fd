import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { BookText, Clock, Folder, FolderDown, FolderOpen, History, KeyRound, Search, Share2, Star, Terminal } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { locationsQuery } from '../api/files'
import { placesQuery } from '../api/places'
import type { Person } from '../api/types'
import { addressOf } from '../files/paths'
import { named } from '../files/places'
import { m } from '../i18n/messages'
import { visibleName } from '../i18n/visible'
import { Name } from '../ui/Name'
import { withWords } from './words'

const Administration = lazy(async () => ({ default: (await withWords(import('../admin/Administration'))).Administration }))

/** The others stand on the page of favourites. */
const FAVOURITES_MAX = 8

interface Props {
  person: Person
  /** It is an administrator who sees as them: what is theirs alone is not there. */
  viewed: boolean
  open: boolean
  onNavigate: () => void
}

export function Navigation({ person, viewed, open, onNavigate }: Props) {
  const { data: locations = [] } = useQuery(locationsQuery)
  const { data: places } = useQuery({ ...placesQuery, enabled: !viewed })
  const marked = named(places?.favourites ?? [], locations).slice(0, FAVOURITES_MAX)
  return (
    <nav className="side" aria-label={m.app.mainNavigation()} data-open={open || undefined} onClick={onNavigate}>
      <ul>
        <li>
          <Link to="/" activeOptions={{ exact: true }}>
            <FolderOpen size={17} aria-hidden />
            {m.app.files()}
          </Link>
          <ul>
            {locations.map(({ id, title }) => (
              <li key={id}>
                <Link to="/files/$location/$" params={{ location: id, _splat: '' }} activeOptions={{ exact: false }}>
                  <Folder size={16} aria-hidden />
                  <Name text={title} className="name" />
                </Link>
              </li>
            ))}
          </ul>
        </li>
        {viewed ? null : <Own marked={marked} />}
      </ul>
      {person.administrator ? (
        <Suspense fallback={null}>
          <Administration />
        </Suspense>
      ) : null}
    </nav>
  )
}

/** What belongs to a person and not to what they may do. */
function Own({ marked }: { marked: ReturnType<typeof named> }) {
  return (
    <>
      <li>
        <Link to="/search" search={{}}>
          <Search size={17} aria-hidden />
          {m.search.title()}
        </Link>
      </li>
      <li>
        <Link to="/favourites">
          <Star size={17} aria-hidden />
          {m.files.favourites()}
        </Link>
        <ul>
          {marked.map(({ location, path, folder, select, name, way }) => (
            <li key={`${location}/${path}`}>
              <Link to="/files/$location/$" params={{ location, _splat: addressOf(folder) }} search={select === undefined ? {} : { select }} activeOptions={{ exact: true }} title={visibleName(way)}>
                <Star size={15} aria-hidden />
                <Name text={name} className="name" />
              </Link>
            </li>
          ))}
        </ul>
      </li>
      <li>
        <Link to="/recent">
          <Clock size={17} aria-hidden />
          {m.files.recentShort()}
        </Link>
      </li>
      <li>
        <Link to="/activity">
          <History size={17} aria-hidden />
          {m.app.activity()}
        </Link>
      </li>
      <li>
        <Link to="/links">
          <Share2 size={17} aria-hidden />
          {m.links.title()}
        </Link>
      </li>
      <li>
        <Link to="/file-requests">
          <FolderDown size={17} aria-hidden />
          {m.app.fileRequests()}
        </Link>
      </li>
      <li>
        <Link to="/keys">
          <KeyRound size={17} aria-hidden />
          {m.app.keys()}
        </Link>
      </li>
      <li>
        <Link to="/tokens">
          <Terminal size={17} aria-hidden />
          {m.app.tokens()}
        </Link>
      </li>
      <li>
        <Link to="/documentation">
          <BookText size={17} aria-hidden />
          {m.app.documentation()}
        </Link>
      </li>
    </>
  )
}
