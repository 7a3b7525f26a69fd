import { useRef, useState, type KeyboardEvent } from 'react'
import type { Entry } from '../api/types'
import { m } from '../i18n/messages'
import { hasHiddenCharacters, visibleName } from '../i18n/visible'
import { extensionOf } from './entries'
import { isBadName } from './paths'

interface Props {
  entry: Entry
  /** With the new name, or with none when it stays. */
  onEnd: (name: string | undefined) => void
}

/** How long a menu may take to close. */
const CLOSING_MS = 300

/** The name of a row as a field: Enter takes it, Escape leaves the old one. */
export function Rename({ entry, onEnd }: Props) {
  const [name, setName] = useState(entry.name)
  const ended = useRef(false)
  const begun = useRef(0)
  const bad = isBadName(name)
  const end = (taken: boolean): void => {
    if (ended.current) return
    ended.current = true
    onEnd(taken && !bad && name !== entry.name ? name : undefined)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    // What is being composed (Japanese, Chinese) is confirmed by Enter, too.
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') end(false)
    if (event.key === 'Enter' && !bad) end(true)
  }
  return (
    <input
      className="input rename"
      aria-label={m.moving.newName(entry.name)}
      aria-invalid={bad}
      title={bad ? m.files.folderNameBad() : hasHiddenCharacters(name) ? visibleName(name) : undefined}
      value={name}
      autoFocus
      spellCheck="false"
      onFocus={(event) => {
        if (begun.current === 0) event.currentTarget.setSelectionRange(0, stem(entry))
        begun.current ||= event.timeStamp
      }}
      onChange={(event) => setName(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        // Whoever was quick has ended it already, and the list has the focus.
        if (ended.current) return
        // A menu that closes gives the focus back to the list: the field takes it again.
        if (event.timeStamp - begun.current < CLOSING_MS) event.currentTarget.focus()
        else end(true)
      }}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  )
}

/** How much of the name is selected: not its ending. */
function stem(entry: Entry): number {
  const ending = entry.kind === 'file' ? extensionOf(entry.name) : ''
  return entry.name.length - (ending === '' ? 0 : ending.length + 1)
}
