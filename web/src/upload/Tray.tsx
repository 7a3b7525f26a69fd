import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronUp, Ellipsis, ListX, Pause, Play, X } from 'lucide-react'
import { useRef, useState, useSyncExternalStore } from 'react'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Menu } from '../ui/Menu'
import { uploads } from './browser'
import { Conflict } from './Conflict'
import { isBusy, type UploadItem } from './items'
import { TrayRow } from './TrayRow'

const ROW_PX = 76

/** All uploads of this tab, wherever the person goes in the application. */
export function Tray() {
  const items = useSyncExternalStore(uploads.subscribe, uploads.getSnapshot)
  const totals = useSyncExternalStore(uploads.subscribe, uploads.getTotals)
  const way = useSyncExternalStore(uploads.subscribe, uploads.getWay)
  const [open, setOpen] = useState(true)
  const [cancelling, setCancelling] = useState(false)
  if (items.length === 0) return null
  const { busy, done, sent, size, speed } = totals
  const title = busy > 0 ? m.uploads.active(busy) : m.uploads.title()
  return (
    <section className="tray" aria-label={m.uploads.title()}>
      <header>
        <div>
          <h2>{title}</h2>
          <p>{busy > 0 ? m.uploads.summary(sent, size, speed) : m.uploads.finishedOf(done, items.length)}</p>
        </div>
        <span role="status" className="hidden-text">
          {busy > 0 ? m.uploads.underWay() : m.uploads.atRest()}
        </span>
        {items.length > 1 ? <All items={items} onCancel={() => setCancelling(true)} /> : null}
        {done > 0 ? (
          <Button look="quiet" label={m.uploads.clear()} onPress={() => uploads.clearFinished()}>
            <ListX size={16} aria-hidden />
          </Button>
        ) : null}
        <Button look="quiet" label={open ? m.uploads.collapse() : m.uploads.expand()} onPress={() => setOpen(!open)}>
          {open ? <ChevronDown size={16} aria-hidden /> : <ChevronUp size={16} aria-hidden />}
        </Button>
      </header>
      {way === 'portal' ? (
        <p className="tray-note" role="status">
          {m.uploads.throughPortal()}
        </p>
      ) : null}
      {open ? <Rows items={items} /> : null}
      <Conflict items={items} />
      {cancelling ? (
        <Confirm
          title={m.uploads.cancelAllTitle(items.length - done)}
          action={m.uploads.cancelAll()}
          pending={false}
          onConfirm={() => {
            setCancelling(false)
            void uploads.cancelAll()
          }}
          onClose={() => setCancelling(false)}
        >
          <p>{m.uploads.cancelAllText()}</p>
        </Confirm>
      ) : null}
    </section>
  )
}

/** What can be done with all of them at once. */
function All({ items, onCancel }: { items: readonly UploadItem[]; onCancel: () => void }) {
  const busy = items.some((item) => isBusy(item.state))
  const halted = items.some((item) => item.state.kind === 'paused' || item.state.kind === 'failed')
  const open = items.some((item) => item.state.kind !== 'done')
  if (!open) return null
  const actions = [
    ...(busy ? [{ id: 'pause', label: m.uploads.pauseAll(), icon: <Pause size={15} aria-hidden />, onAction: () => uploads.pauseAll() }] : []),
    ...(halted ? [{ id: 'resume', label: m.uploads.resumeAll(), icon: <Play size={15} aria-hidden />, onAction: () => uploads.resumeAll() }] : []),
    { id: 'cancel', label: m.uploads.cancelAll(), icon: <X size={15} aria-hidden />, onAction: onCancel },
  ]
  return <Menu icon look="quiet" label={m.uploads.all()} trigger={<Ellipsis size={16} aria-hidden />} actions={actions} />
}

/** What needs the person comes first, then what moves, then what waits, then what is done. */
function urgency({ state }: UploadItem): number {
  switch (state.kind) {
    case 'conflict':
    case 'needs-file':
    case 'failed':
      return 0
    case 'uploading':
    case 'verifying':
    case 'comparing':
    case 'waiting':
    case 'finishing':
      return 1
    case 'paused':
      return 2
    case 'queued':
      return 3
    case 'done':
      return 4
  }
}

/** Two hundred files are two hundred rows of which a handful is drawn. */
function Rows({ items }: { items: readonly UploadItem[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const sorted = [...items].sort((a, b) => urgency(a) - urgency(b))
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => sorted[index]?.key ?? index,
    overscan: 4,
  })
  return (
    <div ref={scroller} className="tray-rows" tabIndex={0} role="region" aria-label={m.uploads.list()}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const item = sorted[index]
          return item === undefined ? null : (
            <li key={key} style={{ transform: `translateY(${start}px)` }}>
              <TrayRow item={item} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}
