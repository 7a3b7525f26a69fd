import { useState } from 'react'
import type { PastListing } from '../../api/past'
import { toTheSecond } from '../../i18n/format'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { Tick } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { refusalOf } from '../../ui/Why'

interface Props {
  at: string
  /** How many were chosen; undefined: the whole folder. */
  count: number | undefined
  past: PastListing
  onConfirm: (deleteNewer: boolean) => void
  onClose: () => void
}

/** Asks before a folder is made what it was, and whether what was made since is to go. */
export function RestorePast({ at, count, past, onConfirm, onClose }: Props) {
  const [deleteNewer, setDeleteNewer] = useState(false)
  const kept = whyKept(past)
  return (
    <Dialog title={m.past.restoreTitle(count, toTheSecond(at))} onClose={onClose} alert>
      <p>{m.past.restoreText()}</p>
      {kept === undefined ? (
        <Tick value={deleteNewer} onChange={setDeleteNewer}>
          {m.past.deleteNewer()}
        </Tick>
      ) : (
        <p className="soft">
          {m.past.newerStays()} {kept}
        </p>
      )}
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.cancel()}
        </Button>
        <Button look="primary" onPress={() => onConfirm(deleteNewer && kept === undefined)}>
          {m.past.restore()}
        </Button>
      </div>
    </Dialog>
  )
}

/** Why nothing that was made since can be deleted. */
function whyKept({ may, tells }: PastListing): string | undefined {
  if (may !== undefined && !may.delete.allowed) return refusalOf(may.delete.explanation)
  switch (tells) {
    case 'all':
      return undefined
    case 'expired':
      return m.past.newerUnknown()
    case 'unversioned':
      return m.past.newerUnversioned()
    case 'unknown':
      return m.past.newerUntold()
  }
}
