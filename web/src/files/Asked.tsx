import { lazy, Suspense } from 'react'
import type { Location } from '../api/types'
import { Bring } from './Bring'
import { Help } from './Help'
import { NewFolder } from './NewFolder'
import { OwnTools } from './OwnTools'
import { Remove } from './Remove'
import { withRequestWords } from '../i18n/collected'
import { withActivityWords } from '../i18n/happened'

const Collect = lazy(async () => ({ default: (await withRequestWords(import('./share/Collect'))).Collect }))
const WatchFolder = lazy(async () => ({ default: (await withActivityWords(import('../watching/WatchFolder'))).WatchFolder }))
const Share = lazy(async () => ({ default: (await import('./share/Share')).Share }))

export type Asking = 'nothing' | 'new-folder' | 'remove' | 'move' | 'copy' | 'share' | 'collect' | 'watch' | 'tools' | 'help'

interface Props {
  asking: Asking
  location: Location
  folder: string
  keys: readonly string[]
  taken: (name: string) => boolean
  onRemove: () => void
  onBring: (kind: 'move' | 'copy', location: string, folder: string) => void
  onClose: () => void
}

/** The dialog of a folder that is open now. */
export function Asked({ asking, location, folder, keys, taken, onRemove, onBring, onClose }: Props) {
  switch (asking) {
    case 'nothing':
      return null
    case 'new-folder':
      return <NewFolder location={location.id} folder={folder} taken={taken} onClose={onClose} />
    case 'remove':
      return <Remove location={location.id} folder={folder} keys={keys} onConfirm={onRemove} onClose={onClose} />
    case 'move':
    case 'copy':
      return (
        <Bring
          kind={asking}
          count={keys.length}
          location={location.id}
          folder={folder}
          onChoose={(toLocation, toFolder) => onBring(asking, toLocation, toFolder)}
          onClose={onClose}
        />
      )
    case 'share':
      return <Sharing location={location.id} folder={folder} keys={keys} onClose={onClose} />
    case 'collect':
      return (
        <Suspense fallback={null}>
          <Collect location={location.id} path={folder} name={folder === '' ? location.title : folder} onClose={onClose} />
        </Suspense>
      )
    case 'watch':
      return (
        <Suspense fallback={null}>
          <WatchFolder location={location.id} path={folder} name={folder === '' ? location.title : folder} onClose={onClose} />
        </Suspense>
      )
    case 'tools':
      return <OwnTools location={location} onClose={onClose} />
    case 'help':
      return <Help onClose={onClose} />
  }
}

/** A link is to one thing: what is selected when the dialog opens. */
function Sharing({ location, folder, keys, onClose }: Pick<Props, 'folder' | 'keys' | 'onClose'> & { location: string }) {
  const [key] = keys
  if (key === undefined) return null
  return (
    <Suspense fallback={null}>
      <Share location={location} path={folder + key} name={key} onClose={onClose} />
    </Suspense>
  )
}
