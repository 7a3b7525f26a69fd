/** The dialog in which a file is looked at, and from which the next one in the folder is reached. */
import '../styles/preview.css'
import { useBlocker } from '@tanstack/react-router'
import { ChevronLeft, ChevronRight, Download, X } from 'lucide-react'
import { useRef, useState, type KeyboardEvent } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { bytes } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import type { Placed, PreviewFile } from './file'
import { kindOf } from './kinds'
import { Pdf, Picture, Recording, Unknown } from './Media'
import { browserSaving, type Saving } from './save'
import { TextView } from './TextView'

interface Props {
  location: string
  folder: string
  /** The files of the folder, as they are ordered there. */
  files: readonly PreviewFile[]
  first: PreviewFile
  /** CRC-64/NVME in Base64. */
  checksum: (bytes: Uint8Array) => string
  onDownload: (name: string) => void
  /** Closed; the file that was shown last. */
  onClose: (name: string) => void
}

/** After a dialog that closes has put the focus back to what is not there any more. */
const REFOCUS_MS = 100

export function Preview({ location, folder, files, first, checksum, onDownload, onClose }: Props) {
  const [file, setFile] = useState(first)
  const [saving] = useState(() => browserSaving(checksum))
  const [dirty, setDirty] = useState(false)
  const [leaving, setLeaving] = useState<() => void>()
  const blocker = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: () => dirty, withResolver: true })

  const at = files.findIndex(({ name }) => name === file.name)
  /** Asks first, if there is something to lose. */
  const leave = (then: () => void): void => (dirty ? setLeaving(() => then) : then())
  const show = (next: PreviewFile | undefined): void => {
    if (next !== undefined) leave(() => setFile(next))
  }
  const before = at > 0 ? files[at - 1] : undefined
  const after = at < 0 ? undefined : files[at + 1]
  const close = (): void => leave(() => onClose(file.name))
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || leaving !== undefined || keepsKeys(event.target)) return
    if (event.key === 'ArrowLeft') show(before)
    else if (event.key === 'ArrowRight') show(after)
  }
  const asked = blocker.status === 'blocked'
  const place = useRef<HTMLDivElement>(null)
  /** Without it Escape and the arrows would reach nobody. */
  const refocus = (): void => void setTimeout(() => place.current?.querySelector<HTMLElement>('[role=dialog]')?.focus(), REFOCUS_MS)

  return (
    <ModalOverlay className="overlay preview-overlay" isOpen isDismissable={false} onOpenChange={(open) => !open && close()}>
      <Modal className="preview">
        <div className="preview-keys" role="presentation" ref={place} onKeyDown={onKeyDown}>
          <AriaDialog className="preview-dialog">
            <div className="preview-head">
              <div className="preview-title" aria-live="polite">
                <Heading slot="title">{file.shown}</Heading>
                <small className="soft">{m.preview.facts(bytes(file.size), at + 1, files.length)}</small>
              </div>
              <Button look="quiet" label={m.preview.previous()} onPress={() => show(before)} reason={before === undefined ? m.preview.isFirst() : undefined}>
                <ChevronLeft size={18} aria-hidden />
              </Button>
              <Button look="quiet" label={m.preview.next()} onPress={() => show(after)} reason={after === undefined ? m.preview.isLast() : undefined}>
                <ChevronRight size={18} aria-hidden />
              </Button>
              <Button onPress={() => onDownload(file.name)}>
                <Download size={16} aria-hidden />
                <span className="btn-text">{m.files.download()}</span>
              </Button>
              <Button look="quiet" label={m.common.close()} onPress={close}>
                <X size={18} aria-hidden />
              </Button>
            </div>
            <div className="preview-body">
              <Shown key={file.name} file={file} location={location} path={folder + file.name} saving={saving} onDirty={setDirty} onFocusLost={refocus} />
            </div>
            {leaving !== undefined || asked ? (
              <Confirm
                title={m.preview.discardTitle()}
                action={m.preview.discard()}
                pending={false}
                onConfirm={() => {
                  setDirty(false)
                  setLeaving(undefined)
                  if (asked) blocker.proceed()
                  else leaving?.()
                }}
                onClose={() => {
                  setLeaving(undefined)
                  if (asked) blocker.reset()
                }}
              >
                <p>{m.preview.discardText(file.shown)}</p>
              </Confirm>
            ) : null}
          </AriaDialog>
        </div>
      </Modal>
    </ModalOverlay>
  )
}

/** An editor and a player have uses of their own for the arrows. */
function keepsKeys(target: EventTarget): boolean {
  return target instanceof Element && target.closest('[data-keeps-keys], [role=region]') !== null
}

type ShownProps = Placed & { saving: Saving; onDirty: (dirty: boolean) => void; onFocusLost: () => void }

function Shown({ saving, onDirty, onFocusLost, ...placed }: ShownProps) {
  switch (kindOf(placed.file.name)) {
    case 'image':
      return <Picture {...placed} />
    case 'video':
      return <Recording {...placed} video />
    case 'audio':
      return <Recording {...placed} video={false} />
    case 'pdf':
      return <Pdf {...placed} />
    case 'markdown':
    case 'table':
    case 'text':
      return <TextView {...placed} saving={saving} onDirty={onDirty} onFocusLost={onFocusLost} />
    case 'none':
      return <Unknown file={placed.file} />
  }
}
