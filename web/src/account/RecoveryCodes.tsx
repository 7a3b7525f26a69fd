import { Download, Printer } from 'lucide-react'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { CopyText } from '../ui/CopyText'
import { Dialog } from '../ui/Dialog'
import { Notice } from '../ui/Notice'

/** New recovery codes, shown once. Neither a click beside the dialog nor Escape loses them. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = codes.join('\n')
  return (
    <Dialog title={m.factor.codes()} onClose={onClose} alert firm>
      <Notice tone="warn">{m.factor.codesOnce()}</Notice>
      <div className="codes">
        <CopyText label={m.factor.codes()} text={text} />
      </div>
      <div className="row-actions codes-keep">
        <Button onPress={() => save(`${m.factor.codesFile()}\n\n${text}\n`)}>
          <Download size={16} aria-hidden /> {m.factor.download()}
        </Button>
        <Button onPress={() => print()}>
          <Printer size={16} aria-hidden /> {m.factor.print()}
        </Button>
      </div>
      <div className="foot">
        <Button look="primary" onPress={onClose}>
          {m.factor.codesKept()}
        </Button>
      </div>
    </Dialog>
  )
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'wellhouse-recovery-codes.txt'
  link.click()
  URL.revokeObjectURL(url)
}
