/** What can be done with a folder and with what is selected in it: for the context menu and the command palette. */
import { Bell, CalendarClock, ChartPie, ClipboardPaste, Copy, CopyPlus, CornerLeftUp, Download, FolderDown, FolderInput, FolderOpen, FolderPlus, History, Info, Keyboard, Link2, ListChecks, Pencil, RefreshCw, Scissors, Share2, Star, Trash, Trash2 } from 'lucide-react'
import type { Entry, Location } from '../api/types'
import { m } from '../i18n/messages'
import type { Command } from '../ui/commands'
import { toast } from '../ui/toasts'
import { keyOf } from './entries'
import { addressOf } from './paths'
import { markLabel, type Marks } from './places'
import { refusal, selectionReason, shareReason, type May } from './permissions'

export interface Doing {
  location: Location
  folder: string
  may: May
  selected: readonly Entry[]
  marks: Marks
  open: (entry: Entry) => void
  download: () => void
  remove: () => void
  /** How much was cut or copied. */
  clipped: number
  rename: () => void
  cut: () => void
  copy: () => void
  paste: () => void
  moveTo: () => void
  copyTo: () => void
  share: () => void
  collect: () => void
  trash: () => void
  activity: () => void
  watch: () => void
  usage: () => void
  past: () => void
  newFolder: () => void
  details: () => void
  refresh: () => void
  parent: () => void
  selectAll: () => void
  help: () => void
}

const SIZE = 16

export function selectionActions(doing: Doing): Command[] {
  const { location, folder, may, selected } = doing
  const keys = new Set(selected.map(keyOf))
  const [entry] = selected
  if (entry === undefined) return []
  const one = selected.length === 1
  const reads = selectionReason(may.get, keys)
  const takes = reads ?? selectionReason(may.delete, keys)
  return [
    ...(one ? [{ id: 'open', label: openLabel(entry), icon: <FolderOpen size={SIZE} aria-hidden />, keys: m.help.enter(), onAction: () => doing.open(entry) }] : []),
    { id: 'download', label: m.files.download(), icon: <Download size={SIZE} aria-hidden />, reason: selectionReason(may.get, keys), onAction: doing.download },
    ...(one ? [{ id: 'rename', label: m.moving.rename(), icon: <Pencil size={SIZE} aria-hidden />, keys: 'F2', reason: takes ?? refusal(may.put), onAction: doing.rename }] : []),
    { id: 'cut', label: m.moving.cut(), icon: <Scissors size={SIZE} aria-hidden />, keys: m.help.ctrl('X'), reason: takes, onAction: doing.cut },
    { id: 'copy', label: m.moving.copy(), icon: <Copy size={SIZE} aria-hidden />, keys: m.help.ctrl('C'), reason: reads, onAction: doing.copy },
    { id: 'move-to', label: m.moving.moveTo(), icon: <FolderInput size={SIZE} aria-hidden />, reason: takes, onAction: doing.moveTo },
    { id: 'copy-to', label: m.moving.copyTo(), icon: <CopyPlus size={SIZE} aria-hidden />, reason: reads, onAction: doing.copyTo },
    { id: 'share', label: m.links.share(), icon: <Share2 size={SIZE} aria-hidden />, reason: shareReason(may.get, keys), onAction: doing.share },
    ...(one ? [favourite(doing, entry)] : []),
    { id: 'copy-path', label: m.files.copyPath(), icon: <Copy size={SIZE} aria-hidden />, onAction: () => copy(selected.map((e) => pathIn(location, folder + keyOf(e))).join('\n')) },
    ...(one ? [{ id: 'copy-link', label: m.files.copyLink(), icon: <Link2 size={SIZE} aria-hidden />, onAction: () => copy(linkTo(location, folder, keyOf(entry))) }] : []),
    { id: 'details', label: m.files.details(), icon: <Info size={SIZE} aria-hidden />, onAction: doing.details },
    { id: 'remove', label: m.files.remove(), icon: <Trash2 size={SIZE} aria-hidden />, keys: m.help.del(), reason: selectionReason(may.delete, keys), onAction: doing.remove },
  ]
}

function openLabel(entry: Entry): string {
  return entry.kind === 'folder' ? m.files.open() : m.files.openFile()
}

function favourite({ location, folder, marks }: Doing, entry: Entry): Command {
  const place = { location: location.id, path: folder + keyOf(entry) }
  const label = markLabel(marks.isMarked(place))
  return { id: 'favourite', label, icon: <Star size={SIZE} aria-hidden />, keys: '*', onAction: () => marks.toggle(place) }
}

export function folderActions(doing: Doing): Command[] {
  const { location, folder, may } = doing
  return [
    { id: 'new-folder', label: m.files.newFolder(), icon: <FolderPlus size={SIZE} aria-hidden />, reason: refusal(may.put), onAction: doing.newFolder },
    { id: 'paste', label: m.moving.paste(doing.clipped), icon: <ClipboardPaste size={SIZE} aria-hidden />, keys: m.help.ctrl('V'), reason: refusal(may.put) ?? (doing.clipped === 0 ? m.moving.nothingToPaste() : undefined), onAction: doing.paste },
    { id: 'collect', label: m.app.collect(), icon: <FolderDown size={SIZE} aria-hidden />, reason: refusal(may.put), onAction: doing.collect },
    { id: 'past', label: m.past.link(), icon: <CalendarClock size={SIZE} aria-hidden />, onAction: doing.past },
    { id: 'activity', label: m.app.activity(), icon: <History size={SIZE} aria-hidden />, onAction: doing.activity },
    { id: 'watch', label: m.app.watch(), icon: <Bell size={SIZE} aria-hidden />, onAction: doing.watch },
    { id: 'usage', label: m.app.usage(), icon: <ChartPie size={SIZE} aria-hidden />, onAction: doing.usage },
    { id: 'trash', label: m.trash.link(), icon: <Trash size={SIZE} aria-hidden />, onAction: doing.trash },
    { id: 'all', label: m.files.selectAll(), icon: <ListChecks size={SIZE} aria-hidden />, keys: m.help.ctrl('A'), onAction: doing.selectAll },
    { id: 'parent', label: m.files.parent(), icon: <CornerLeftUp size={SIZE} aria-hidden />, keys: m.help.backspace(), onAction: doing.parent },
    { id: 'copy-folder-path', label: m.files.copyFolderPath(), icon: <Copy size={SIZE} aria-hidden />, onAction: () => copy(pathIn(location, folder)) },
    { id: 'refresh', label: m.files.refresh(), icon: <RefreshCw size={SIZE} aria-hidden />, onAction: doing.refresh },
    { id: 'help', label: m.help.title(), icon: <Keyboard size={SIZE} aria-hidden />, keys: '?', onAction: doing.help },
  ]
}

/** As S3 tools take it. */
export function pathIn({ bucket, prefix }: Location, path: string): string {
  return `s3://${bucket}/${prefix}${path}`
}

/** An address that opens the folder with the entry selected; it opens nothing to who may not see it. */
function linkTo(location: Location, folder: string, key: string): string {
  const way = addressOf(folder).split('/').map(encodeURIComponent).join('/')
  return `${globalThis.location.origin}/files/${encodeURIComponent(location.id)}/${way}?select=${encodeURIComponent(key)}`
}

export function copy(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => toast(m.common.copied()),
    () => toast(m.files.notCopied()),
  )
}
