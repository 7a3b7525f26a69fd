import { Copy } from 'lucide-react'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { toast } from './toasts'

/** Text to be taken elsewhere, with a button that copies all of it. */
export function CopyText({ label, text }: { label: string; text: string }) {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => toast(m.common.copied()),
      () => undefined,
    )
  }
  return (
    <div className="copytext">
      <div className="copytext-head">
        <span>{label}</span>
        <Button look="quiet" label={m.common.copy(label)} onPress={copy}>
          <Copy size={15} aria-hidden />
        </Button>
      </div>
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  )
}
