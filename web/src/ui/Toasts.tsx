import { X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { current, dismiss, subscribe } from './toasts'

function Undo({ of: id, undo }: { of: number; undo: () => void }) {
  const press = (): void => {
    dismiss(id)
    undo()
  }
  return (
    <Button look="quiet" onPress={press}>
      {m.common.undo()}
    </Button>
  )
}

/** The live region in which toasts are shown and read out. */
export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, current)
  return (
    // Marked, so that a dialog neither hides them nor takes a press on them for one beside itself.
    <div className="toasts" role="status" aria-live="polite" data-react-aria-top-layer="true">
      {toasts.map((toast) => (
        <div key={toast.id} className="toast">
          <span>{toast.text}</span>
          {toast.undo === undefined ? null : <Undo of={toast.id} undo={toast.undo} />}
          <Button look="quiet" label={m.common.dismiss()} onPress={() => dismiss(toast.id)}>
            <X size={15} aria-hidden />
          </Button>
        </div>
      ))}
    </div>
  )
}
