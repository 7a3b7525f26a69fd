import { useQuery } from '@tanstack/react-query'
import { fateQuery } from '../api/jobs'
import { m } from '../i18n/messages'
import { Confirm } from '../ui/Dialog'
import { isFolderKey } from './entries'
import { addressOf } from './paths'

interface Props {
  location: string
  folder: string
  keys: readonly string[]
  onConfirm: () => void
  onClose: () => void
}

/** Asks where whoever deletes could not bring it back by themselves. */
export function Remove({ location, folder, keys, onConfirm, onClose }: Props) {
  const { data: fate } = useQuery(fateQuery(location, folder))
  const folders = keys.filter(isFolderKey).length
  const confirm = (): void => {
    onConfirm()
    onClose()
  }
  return (
    <Confirm
      title={m.files.removeTitle(keys.length, addressOf(keys[0] ?? ''))}
      action={m.files.remove()}
      pending={false}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>
        {fate?.kept === true ? m.moving.deleteForOthers() : m.moving.deleteForGood()}{' '}
        {fate?.kept === true && fate.retention !== null ? m.trash.kept(fate.retention.days) : null} {folders > 0 ? m.files.removeFolders(folders) : null}
      </p>
    </Confirm>
  )
}
