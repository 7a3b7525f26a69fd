import { Ban, Upload } from 'lucide-react'
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { m } from '../i18n/messages'
import { toast } from '../ui/toasts'
import { fromDrop, type Dropped } from './picked'

interface Props {
  /** Why nothing may be dropped here. */
  reason: string | undefined
  onDropped: (dropped: Dropped) => void
  children: ReactNode
}

/** Takes files and folders that are dragged in. The Upload button is the way without a mouse. */
export function DropTarget({ reason, onDropped, children }: Props) {
  const [over, setOver] = useState(false)
  // Moving between children leaves one and enters another: only a balance of zero is outside.
  const depth = useRef(0)
  const moved = (by: number): void => {
    depth.current = Math.max(0, depth.current + by)
    setOver(depth.current > 0)
  }
  useEffect(() => {
    if (!over) return undefined
    // No pointer moves while something is dragged: of one that was given up, the page is not always told.
    const ended = (): void => {
      depth.current = 0
      setOver(false)
    }
    addEventListener('pointermove', ended)
    return () => removeEventListener('pointermove', ended)
  }, [over])
  const onDragEnter = (event: DragEvent): void => {
    if (!ours(event)) return
    // What is under the pointer may have been drawn anew in this moment; who drops then has entered it only.
    event.preventDefault()
    moved(1)
  }
  const onDrop = (event: DragEvent): void => {
    if (!ours(event)) return
    event.preventDefault()
    moved(-depth.current)
    if (reason === undefined) fromDrop(event.dataTransfer.items).then(onDropped, () => toast(m.files.noneReadable()))
  }
  return (
    <div
      className="drop"
      onDragEnter={onDragEnter}
      onDragLeave={(event) => ours(event) && moved(-1)}
      onDragOver={(event) => ours(event) && event.preventDefault()}
      onDrop={onDrop}
    >
      {children}
      {over ? (
        <div className="drop-veil" data-refused={reason !== undefined || undefined}>
          {reason === undefined ? <Upload size={28} aria-hidden /> : <Ban size={28} aria-hidden />}
          <b>{reason === undefined ? m.files.drop() : m.files.dropRefused()}</b>
          <span>{reason ?? m.files.dropText()}</span>
        </div>
      ) : null}
    </div>
  )
}

/** A text that is dragged about is not for us. */
function ours(event: DragEvent): boolean {
  return event.dataTransfer.types.includes('Files')
}
