import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { m } from '../i18n/messages'
import { Button } from './Button'

interface Props {
  title: string
  children: ReactNode
  onClose: () => void
  /** An alert dialog asks for a decision and is not dismissed by a click beside it. */
  alert?: boolean
  /** Only its own buttons close it, and not Escape either: what it shows is shown once. */
  firm?: boolean
  wide?: boolean
}

/** A modal dialog, open for as long as it is rendered. */
export function Dialog({ title, children, onClose, alert = false, firm = false, wide = false }: Props) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={!alert}
      isKeyboardDismissDisabled={firm}
      onOpenChange={(open) => !open && onClose()}
    >
      <Modal className={wide ? 'modal modal-wide' : 'modal'}>
        <AriaDialog role={alert ? 'alertdialog' : 'dialog'} className="dialog">
          <Heading slot="title">{title}</Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

interface ConfirmProps {
  title: string
  children: ReactNode
  action: string
  pending: boolean
  onConfirm: () => void
  onClose: () => void
}

/** Asks before something that cannot be taken back; the safe answer has the focus. */
export function Confirm({ title, children, action, pending, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose} alert>
      {children}
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.cancel()}
        </Button>
        <Button look="danger" onPress={onConfirm} pending={pending}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
