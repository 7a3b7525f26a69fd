import { useEffect } from 'react'
import { m } from '../i18n/messages'
import { toast } from '../ui/toasts'
import { fromDrop, type Dropped } from './picked'

/** Files in the clipboard go where they would be dropped; without any, what was cut or copied here is brought. What is pasted into a field or a dialog is not for us. */
export function usePaste(reason: string | undefined, onDropped: (dropped: Dropped) => void, onBring: (() => void) | undefined): void {
  useEffect(() => {
    const take = (event: ClipboardEvent): void => {
      const { clipboardData: data, target } = event
      if (data === null || isElsewhere(target)) return
      if (data.files.length === 0) return onBring?.()
      event.preventDefault()
      if (reason !== undefined) toast(reason)
      else fromDrop(data.items).then(onDropped, () => toast(m.files.noneReadable()))
    }
    addEventListener('paste', take)
    return () => removeEventListener('paste', take)
  }, [reason, onDropped, onBring])
}

function isElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, [role=dialog], [role=alertdialog]') !== null
}
