import { m } from '../i18n/messages'
import { Confirm } from '../ui/Dialog'
import { isFolderKey } from './entries'
import { addressOf } from './paths'

interface Props {
  keys: readonly string[]
  onConfirm: () => void
  onClose: () => void
}

/** Asks where whoever deletes could not bring it back by themselves. */
export function Remove({ keys, onConfirm, onClose }: Props) {
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
        {m.moving.deleteForGood()} {folders > 0 ? m.files.removeFolders(folders) : null}
      </p>
    </Confirm>
  )
}
