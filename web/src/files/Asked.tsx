import type { Location } from '../api/types'
import { Bring } from './Bring'
import { Help } from './Help'
import { NewFolder } from './NewFolder'
import { OwnTools } from './OwnTools'
import { Remove } from './Remove'

export type Asking = 'nothing' | 'new-folder' | 'remove' | 'move' | 'copy' | 'tools' | 'help'

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
    case 'tools':
      return <OwnTools location={location} onClose={onClose} />
    case 'help':
      return <Help onClose={onClose} />
  }
}
