import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronUp, ListX } from 'lucide-react'
import { useRef, useState, useSyncExternalStore } from 'react'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { uploads } from './browser'
import { Conflict } from './Conflict'
import { isBusy, type UploadItem } from './items'
import { TrayRow } from './TrayRow'

const ROW_PX = 76

/** All uploads of this tab, wherever the person goes in the application. */
export function Tray() {
  const items = useSyncExternalStore(uploads.subscribe, uploads.getSnapshot)
  const [open, setOpen] = useState(true)
  if (items.length === 0) return null
  const busy = items.filter((item) => isBusy(item.state))
  const done = items.filter((item) => item.state.kind === 'done').length
  const title = busy.length > 0 ? m.uploads.active(busy.length) : m.uploads.title()
  return (
    <section className="tray" aria-label={m.uploads.title()}>
      <header>
        <div>
          <h2>
            <span role="status">{title}</span>
          </h2>
          <p>{busy.length > 0 ? summary(items) : m.uploads.finishedOf(done, items.length)}</p>
        </div>
        {done > 0 ? (
          <Button look="quiet" label={m.uploads.clear()} onPress={() => uploads.clearFinished()}>
            <ListX size={16} aria-hidden />
          </Button>
        ) : null}
        <Button look="quiet" label={open ? m.uploads.collapse() : m.uploads.expand()} onPress={() => setOpen(!open)}>
          {open ? <ChevronDown size={16} aria-hidden /> : <ChevronUp size={16} aria-hidden />}
        </Button>
      </header>
      {open ? <Rows items={items} /> : null}
      <Conflict items={items} />
    </section>
  )
}

/** What is done counts too, so that the line only ever goes forward. */
function summary(items: readonly UploadItem[]): string {
  let sent = 0
  let size = 0
  let speed = 0
  for (const item of items) {
    if (!isBusy(item.state) && item.state.kind !== 'done') continue
    sent += item.sent
    size += item.size
    speed += item.speed
  }
  return m.uploads.summary(sent, size, speed)
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
