import type { FileEntry } from '../api/types'
import { m } from '../i18n/messages'

const LOOKS = { waiting: 'pill', infected: 'pill pill-bad', unscanned: 'pill pill-warn' } as const

/** What the scan for malware has against a file; nothing, where it has nothing. */
export function Held({ scan }: { scan: FileEntry['scan'] }) {
  if (scan === null) return null
  return (
    <span className={LOOKS[scan]} title={m.scan.heldHint(scan)}>
      {m.scan.held(scan)}
    </span>
  )
}
