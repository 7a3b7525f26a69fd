import { Link, useNavigate } from '@tanstack/react-router'
import { Ellipsis, Folder, Link2, Star } from 'lucide-react'
import type { Location } from '../api/types'
import { m } from '../i18n/messages'
import { visibleName } from '../i18n/visible'
import { Button } from '../ui/Button'
import { Menu } from '../ui/Menu'
import { Name } from '../ui/Name'
import { dropping } from './dragging'
import { addressOf, crumbs, type Crumb } from './paths'
import { markLabel, useMarks } from './places'

interface Props {
  location: Location
  folder: string
  onCopyPath: () => void
  onDrop: (folder: string, copies: boolean) => void
}

/** What is shown beside the location: more than these go into a menu. */
const SHOWN_MAX = 3

export function Breadcrumbs({ location, folder, onCopyPath, onDrop }: Props) {
  const { isMarked, toggle } = useMarks()
  const here = { location: location.id, path: folder }
  const marked = isMarked(here)
  const below = crumbs(folder)
  const hidden = below.length > SHOWN_MAX ? below.slice(0, -(SHOWN_MAX - 1)) : []
  const shown = [{ name: location.title, folder: '' }, ...below.slice(hidden.length)]
  return (
    <div className="way">
      <nav aria-label={m.files.breadcrumbs()} className="crumbs">
        <ol>
          {shown.map((crumb, i) => [
            <li key={crumb.folder} {...(i === shown.length - 1 ? {} : dropping((copies) => onDrop(crumb.folder, copies)))}>
              {i === shown.length - 1 ? (
                <h1 aria-current="page" title={visibleName(crumb.name)}>
                  <Name text={crumb.name} />
                </h1>
              ) : (
                <Link to="/files/$location/$" params={{ location: location.id, _splat: addressOf(crumb.folder) }} title={visibleName(crumb.name)}>
                  <Name text={crumb.name} />
                </Link>
              )}
            </li>,
            i === 0 && hidden.length > 0 ? <Hidden key="hidden" location={location.id} crumbs={hidden} /> : null,
          ])}
        </ol>
      </nav>
      <Button
        look="quiet"
        label={markLabel(marked)}
        pressed={marked}
        onPress={() => toggle(here)}
      >
        <Star size={16} fill={marked ? 'currentColor' : 'none'} aria-hidden />
      </Button>
      <Button look="quiet" label={m.files.copyPath()} onPress={onCopyPath}>
        <Link2 size={16} aria-hidden />
      </Button>
    </div>
  )
}

function Hidden({ location, crumbs: hidden }: { location: string; crumbs: readonly Crumb[] }) {
  const navigate = useNavigate()
  const actions = hidden.map(({ name, folder }) => ({
    id: folder,
    label: name,
    icon: <Folder size={16} aria-hidden />,
    onAction: () => void navigate({ to: '/files/$location/$', params: { location, _splat: addressOf(folder) } }),
  }))
  return (
    <li>
      <Menu icon look="quiet" label={m.files.foldersBetween(hidden.length)} trigger={<Ellipsis size={16} aria-hidden />} actions={actions} />
    </li>
  )
}
