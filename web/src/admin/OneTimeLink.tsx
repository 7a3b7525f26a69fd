import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { CopyText } from '../ui/CopyText'
import { Dialog } from '../ui/Dialog'

interface Props {
  title: string
  text: string
  /** The path of the link, with its token in the fragment. */
  path: string
  onClose: () => void
}

/** A link that is shown once; only its own button closes the dialog. */
export function OneTimeLink({ title, text, path, onClose }: Props) {
  return (
    <Dialog title={title} onClose={onClose} alert firm wide>
      <p>{text}</p>
      <CopyText label={m.common.link()} text={`${location.origin}${path}`} />
      <div className="foot">
        <Button look="primary" onPress={onClose}>
          {m.common.linkKept()}
        </Button>
      </div>
    </Dialog>
  )
}
