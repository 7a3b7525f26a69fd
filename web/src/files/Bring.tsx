import { useQuery } from '@tanstack/react-query'
import { CornerLeftUp, Folder } from 'lucide-react'
import { useState } from 'react'
import { listingQuery, locationsQuery } from '../api/files'
import type { Entry } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Name } from '../ui/Name'
import { Failure, Loading } from '../ui/Notice'
import { Select } from '../ui/Select'
import { addressOf, parentOf } from './paths'
import { refusal } from './permissions'

interface Props {
  kind: 'move' | 'copy'
  count: number
  location: string
  folder: string
  onChoose: (location: string, folder: string) => void
  onClose: () => void
}

/** Asks where to: a location and a folder in it. */
export function Bring({ kind, count, onChoose, onClose, ...here }: Props) {
  const [place, setPlace] = useState({ location: here.location, folder: here.folder })
  const { data: locations = [] } = useQuery(locationsQuery)
  const listing = useQuery(listingQuery(place.location, place.folder))
  const location = locations.find((one) => one.id === place.location)
  const isHere = place.location === here.location && place.folder === here.folder
  const choose = (): void => {
    onChoose(place.location, place.folder)
    onClose()
  }
  return (
    <Dialog title={kind === 'move' ? m.moving.moveTitle(count) : m.moving.copyTitle(count)} onClose={onClose} wide>
      <Select
        label={m.files.location()}
        value={place.location}
        options={locations.map(({ id, title }) => ({ value: id, label: title }))}
        onChange={(id) => setPlace({ location: id, folder: '' })}
      />
      <p className="mono soft">/{addressOf(place.folder)}</p>
      {listing.error ? (
        <Failure title={m.files.failed()} error={listing.error} onRetry={() => void listing.refetch()} />
      ) : (
        <Folders
          entries={listing.data?.entries}
          folder={place.folder}
          onOpen={(folder) => setPlace({ ...place, folder })}
        />
      )}
      <div className="foot">
        <Button onPress={onClose}>{m.common.cancel()}</Button>
        <Button look="primary" onPress={choose} reason={refusal(listing.data?.may?.put ?? location?.may.put) ?? (isHere && kind === 'move' ? m.moving.nothingToPaste() : undefined)}>
          {kind === 'move' ? m.moving.moveHere() : m.moving.copyHere()}
        </Button>
      </div>
    </Dialog>
  )
}

interface FoldersProps {
  entries: readonly Entry[] | undefined
  folder: string
  onOpen: (folder: string) => void
}

function Folders({ entries, folder, onOpen }: FoldersProps) {
  const above = parentOf(folder)
  const folders = entries?.filter((entry) => entry.kind === 'folder')
  return (
    <ul className="lines choosing" aria-label={m.moving.folders()}>
      {above === undefined ? null : (
        <li>
          <Button look="quiet" onPress={() => onOpen(above)}>
            <CornerLeftUp size={16} aria-hidden />
            {m.files.parent()}
          </Button>
        </li>
      )}
      {folders === undefined ? <Loading /> : null}
      {folders?.length === 0 ? <li className="soft">{m.moving.noFolders()}</li> : null}
      {folders?.map(({ name }) => (
        <li key={name}>
          <Button look="quiet" onPress={() => onOpen(`${folder}${name}/`)}>
            <Folder size={16} aria-hidden />
            <Name text={name} />
          </Button>
        </li>
      ))}
    </ul>
  )
}
