import { useQuery } from '@tanstack/react-query'
import { visibleName } from '../../i18n/visible'
import { bytes, dateTime } from '../../i18n/format'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { Loading, Notice } from '../../ui/Notice'
import { textOfVersionQuery, viewQuery } from '../links'
import { sentenceFor } from '../Trouble'
import { isPicture, type Looked } from './looking'

interface Props {
  id: string
  path: string
  file: Looked & { modified: string }
  onClose: () => void
}

/** A file as it was, straight from the store. */
export function Look({ id, path, file, onClose }: Props) {
  const Shown = isPicture(file.name) ? Picture : Text
  return (
    <Dialog title={visibleName(file.name)} onClose={onClose} wide>
      <p className="soft">
        {bytes(file.size)} · {dateTime(file.modified)}
      </p>
      <Shown id={id} path={path} file={file} />
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.close()}
        </Button>
      </div>
    </Dialog>
  )
}

type Shown = Pick<Props, 'id' | 'path'> & { file: Looked }

function Picture({ id, path, file }: Shown) {
  const { data: url, error } = useQuery(viewQuery(id, path, file.version))
  if (error) return <Notice tone="warn">{sentenceFor(error)}</Notice>
  if (url === undefined) return <Loading />
  return <img className="past-picture" src={url} alt={visibleName(file.name)} referrerPolicy="no-referrer" />
}

function Text({ id, path, file }: Shown) {
  const { data: text, error } = useQuery(textOfVersionQuery(id, path, file))
  if (error) return <Notice tone="warn">{sentenceFor(error)}</Notice>
  if (text === undefined) return <Loading />
  return (
    <pre className="past-text" tabIndex={0} aria-label={visibleName(file.name)}>
      {text.content}
    </pre>
  )
}
