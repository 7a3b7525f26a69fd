import type { MadeToken } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { CopyText } from '../ui/CopyText'
import { Dialog } from '../ui/Dialog'
import { Notice } from '../ui/Notice'

/** The new token, once. Neither a click beside the dialog nor Escape loses it. */
export function Made({ made, onClose }: { made: MadeToken; onClose: () => void }) {
  const origin = window.location.origin
  return (
    <Dialog title={m.tokens.madeTitle(made.token.name)} onClose={onClose} alert firm wide>
      <Notice tone="warn">{m.tokens.once()}</Notice>
      <CopyText label={m.tokens.token()} text={made.secret} />
      <details className="snippet">
        <summary>{m.tokens.forCli()}</summary>
        <CopyText label={m.tokens.commands()} text={`wellhouse login ${origin}\nwellhouse whoami`} />
      </details>
      <details className="snippet">
        <summary>{m.tokens.forApi()}</summary>
        <CopyText
          label={m.tokens.request()}
          text={`curl --header "Authorization: Bearer $TOKEN" ${origin}/api/v1/locations`}
        />
      </details>
      <div className="foot">
        <Button look="primary" onPress={onClose}>
          {m.tokens.kept()}
        </Button>
      </div>
    </Dialog>
  )
}
