import { FolderOpen, SearchX } from 'lucide-react'
import type { Listing } from '../api/files'
import { isProblem } from '../api/problem'
import type { Entry, Location } from '../api/types'
import { m } from '../i18n/messages'
import { AskAccess } from '../ui/AskAccess'
import { Button } from '../ui/Button'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Why } from '../ui/Why'
import { Room } from './Room'

interface NoRowsProps {
  location: Location
  folder: string
  listing: Listing | undefined
  error: Error | null
  filter: string
  onRetry: () => void
  onClearFilter: () => void
}

/** What is shown in place of rows. An error or a refusal is never drawn as an empty folder. */
export function NoRows({ location, folder, listing, error, filter, onRetry, onClearFilter }: NoRowsProps) {
  if (error !== null && (listing?.entries.length ?? 0) === 0) {
    return isProblem(error) && error.facts.explanation !== undefined ? (
      <Refused location={location} folder={folder} error={error} />
    ) : (
      <Failure title={m.files.failed()} error={error} onRetry={onRetry} />
    )
  }
  if (listing === undefined || (!listing.complete && error === null)) return <Loading />
  if (filter.trim() !== '' && listing.entries.length > 0) {
    return (
      <Blank icon={<SearchX size={30} strokeWidth={1.6} aria-hidden />} title={m.files.noMatch(filter.trim())}>
        <Button onPress={onClearFilter}>{m.files.clearFilter()}</Button>
      </Blank>
    )
  }
  return (
    <Blank icon={<FolderOpen size={30} strokeWidth={1.6} aria-hidden />} title={listing.there === false ? m.files.folderGone() : m.files.empty()}>
      <p>{listing.may?.put.allowed === true ? m.files.emptyMay() : m.files.emptyMayNot()}</p>
    </Blank>
  )
}

function Refused({ location, folder, error }: { location: Location; folder: string; error: { facts: { explanation: unknown } } & Error }) {
  const explanation = isProblem(error) ? error.facts.explanation : undefined
  return (
    <Blank icon={<FolderOpen size={30} strokeWidth={1.6} aria-hidden />} title={m.files.cannotList()}>
      {location.may.put.allowed ? <p>{m.files.cannotListUpload()}</p> : null}
      {explanation === undefined ? null : <Why allowed={false} explanation={explanation} />}
      <AskAccess location={location.id} path={folder} place={folder === '' ? location.title : folder} action="s3:ListBucket" />
    </Blank>
  )
}

/** Above the rows when the listing stopped half-way. */
export function Partial({ error, shown, onRetry }: { error: Error; shown: number; onRetry: () => void }) {
  return (
    <Notice tone="bad">
      {m.files.partial(shown)} {describe(error)} <Button onPress={onRetry}>{m.common.retry()}</Button>
    </Notice>
  )
}

interface StatusProps {
  location: string
  listing: Listing | undefined
  /** The listing stopped on the way. */
  failed: boolean
  rows: readonly Entry[]
  selected: number
  selectedBytes: number
}

/** The line below the rows; it says whether there is more to come. */
export function StatusLine({ location, listing, failed, rows, selected, selectedBytes }: StatusProps) {
  const all = (listing?.entries.length ?? 0) + (listing?.pending.length ?? 0)
  const filtered = rows.length !== listing?.entries.length
  return (
    <div className="status">
      <span data-testid="count">
        {listing?.complete === false ? (failed ? m.files.notComplete(all) : m.files.loadingMore(all)) : null}
        {listing?.complete === true && !filtered ? m.files.total(all) : null}
        {listing?.complete === true && filtered ? m.files.shownOf(rows.length, all) : null}
      </span>
      <Room location={location} />
      <span role="status">{selected > 0 ? m.files.selected(selected, selectedBytes) : null}</span>
    </div>
  )
}
