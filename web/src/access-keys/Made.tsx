import type { MadeKey } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { CopyText } from '../ui/CopyText'
import { Dialog } from '../ui/Dialog'
import { Notice } from '../ui/Notice'
import { snippets } from './snippets'

/** The new key with its secret, once. A click beside the dialog does not lose it. */
export function Made({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  return (
    <Dialog title={m.keys.madeTitle(made.key.name)} onClose={onClose} alert wide>
      <Notice tone="warn">{m.keys.once()}</Notice>
      <CopyText label={m.keys.id()} text={made.key.id} />
      <CopyText label={m.keys.secret()} text={made.secret_access_key} />
      {snippets(made).map(({ tool, text }) => (
        <details key={tool} className="snippet">
          <summary>{m.keys.forTool(tool)}</summary>
          <CopyText label={tool} text={text} />
        </details>
      ))}
      <div className="foot">
        <Button look="primary" onPress={onClose}>
          {m.keys.kept()}
        </Button>
      </div>
    </Dialog>
  )
}
