import type { Location } from '../api/types'
import { Help } from './Help'
import { NewFolder } from './NewFolder'
import { OwnTools } from './OwnTools'
import { Remove } from './Remove'

export type Asking = 'nothing' | 'new-folder' | 'remove' | 'tools' | 'help'

interface Props {
  asking: Asking
  location: Location
  folder: string
  keys: readonly string[]
  taken: (name: string) => boolean
  onClose: () => void
}

/** The dialog of a folder that is open now. */
export function Asked({ asking, location, folder, keys, taken, onClose }: Props) {
  switch (asking) {
    case 'nothing':
      return null
    case 'new-folder':
      return <NewFolder location={location.id} folder={folder} taken={taken} onClose={onClose} />
    case 'remove':
      return <Remove location={location.id} folder={folder} keys={keys} onClose={onClose} />
    case 'tools':
      return <OwnTools location={location} onClose={onClose} />
    case 'help':
      return <Help onClose={onClose} />
  }
}
