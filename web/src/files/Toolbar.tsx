import { Bell, CalendarClock, Download, FilePlus, FolderPlus, FolderUp, History, Info, KeyRound, RefreshCw, Search, Share2, Trash, Trash2, Upload } from 'lucide-react'
import { useRef, type RefObject } from 'react'
import { Input, Label, SearchField } from 'react-aria-components'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Menu } from '../ui/Menu'
import { refusal, selectionReason, shareReason, type May } from './permissions'
import { fromPicker, type Picked } from './picked'
import { ViewMenu } from './ViewMenu'
import type { Look } from './views'

interface Props {
  may: May
  selected: ReadonlySet<string>
  filter: string
  filterField: RefObject<HTMLInputElement | null>
  detailsShown: boolean
  look: Look
  onFilter: (text: string) => void
  onUpload: (picked: Picked[]) => void
  on: Record<'download' | 'share' | 'remove' | 'trash' | 'past' | 'activity' | 'watch' | 'newFolder' | 'tools' | 'details' | 'refresh', () => void>
}

export function Toolbar({ may, selected, filter, filterField, detailsShown, look, onFilter, onUpload, on }: Props) {
  return (
    <div className="toolbar" role="toolbar" aria-label={m.files.toolbar()}>
      <SearchField className="search" value={filter} onChange={onFilter}>
        <Label className="hidden-text">{m.files.filter()}</Label>
        <Search size={16} aria-hidden />
        <Input ref={filterField} placeholder={m.files.filter()} />
      </SearchField>
      <Button look="quiet" label={m.files.download()} onPress={on.download} reason={selectionReason(may.get, selected)}>
        <Download size={17} aria-hidden />
      </Button>
      <Button look="quiet" label={m.links.share()} onPress={on.share} reason={shareReason(may.get, selected)}>
        <Share2 size={17} aria-hidden />
      </Button>
      <Button look="quiet" label={m.files.remove()} onPress={on.remove} reason={selectionReason(may.delete, selected)}>
        <Trash2 size={17} aria-hidden />
      </Button>
      <Button look="quiet" label={m.trash.link()} onPress={on.trash}>
        <Trash size={17} aria-hidden />
      </Button>
      <Button look="quiet" label={m.past.link()} onPress={on.past}>
        <CalendarClock size={17} aria-hidden />
      </Button>
      <Button look="quiet" label={m.app.activity()} onPress={on.activity}>
        <History size={17} aria-hidden />
      </Button>
      <Button look="quiet" label={m.app.watch()} onPress={on.watch}>
        <Bell size={17} aria-hidden />
      </Button>
      <span className="rule" aria-hidden />
      <Button look="quiet" label={m.files.refresh()} onPress={on.refresh}>
        <RefreshCw size={17} aria-hidden />
      </Button>
      <ViewMenu shown={look} />
      <Button look="quiet" label={m.files.details()} onPress={on.details} pressed={detailsShown}>
        <Info size={17} aria-hidden />
      </Button>
      <Button look="quiet" label={m.files.ownTools()} onPress={on.tools}>
        <KeyRound size={17} aria-hidden />
      </Button>
      <Button onPress={on.newFolder} reason={refusal(may.put)}>
        <FolderPlus size={16} aria-hidden />
        <span className="btn-text">{m.files.newFolder()}</span>
      </Button>
      <UploadMenu reason={refusal(may.put)} onUpload={onUpload} />
    </div>
  )
}

function UploadMenu({ reason, onUpload }: { reason: string | undefined; onUpload: (picked: Picked[]) => void }) {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (input: HTMLInputElement): void => {
    onUpload(fromPicker(input.files))
    // The same file may be chosen again at once.
    input.value = ''
  }
  const trigger = (
    <>
      <Upload size={16} aria-hidden />
      {m.files.upload()}
    </>
  )
  const actions = [
    { id: 'files', label: m.files.uploadFiles(), icon: <FilePlus size={16} aria-hidden />, onAction: () => files.current?.click() },
    { id: 'folder', label: m.files.uploadFolder(), icon: <FolderUp size={16} aria-hidden />, onAction: () => folder.current?.click() },
  ]
  return (
    <>
      <Menu label={m.files.upload()} look="primary" reason={reason} trigger={trigger} actions={actions} />
      <input ref={files} type="file" multiple hidden data-testid="pick-files" onChange={(e) => take(e.currentTarget)} />
      <input ref={folder} type="file" webkitdirectory="" hidden data-testid="pick-folder" onChange={(e) => take(e.currentTarget)} />
    </>
  )
}

declare module 'react' {
  interface InputHTMLAttributes<T> {
    /** Lets the picker take a whole folder; every browser has it under this name. */
    webkitdirectory?: T extends HTMLInputElement ? string : never
  }
}
