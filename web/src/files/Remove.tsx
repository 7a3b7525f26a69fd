import { useMutation, useQueryClient } from '@tanstack/react-query'
import { deletePaths } from '../api/files'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm, Dialog } from '../ui/Dialog'
import { Name } from '../ui/Name'
import { Notice } from '../ui/Notice'
import { describe, refused } from '../ui/problems'
import { toast } from '../ui/toasts'
import { addressOf } from './paths'
import { isFolderKey } from './entries'

interface Props {
  location: string
  folder: string
  keys: readonly string[]
  onClose: () => void
}

/** Asks, deletes, and lists what could not be deleted with the reason for each. */
export function Remove({ location, folder, keys, onClose }: Props) {
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deletePaths(location, keys.map((key) => folder + key)),
    onSuccess: ({ deleted, failed }) => {
      toast(m.files.removed(deleted))
      if (failed.length === 0) onClose()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['entries', location] }),
  })
  const failed = remove.data?.failed ?? []
  if (failed.length > 0) {
    return (
      <Dialog title={m.files.removeFailed(failed.length)} onClose={onClose} wide>
        <ul className="failures">
          {failed.map(({ path, problem }) => (
            <li key={path}>
              <code>
                <Name text={path} />
              </code> {refused(problem.code, problem.detail)}
            </li>
          ))}
        </ul>
        <div className="foot">
          <Button onPress={onClose}>{m.common.close()}</Button>
        </div>
      </Dialog>
    )
  }
  const folders = keys.filter(isFolderKey).length
  const title = m.files.removeTitle(keys.length, addressOf(keys[0] ?? ''))
  return (
    <Confirm
      title={title}
      action={remove.isPending ? m.files.removing() : m.files.remove()}
      pending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        {m.files.removeText()} {folders > 0 ? m.files.removeFolders(folders) : null}
      </p>
      {remove.error ? <Notice tone="bad">{describe(remove.error)}</Notice> : null}
    </Confirm>
  )
}
