import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { Input, Label, SearchField } from 'react-aria-components'
import { m } from '../i18n/messages'

/** The field in the frame of every page: what is written there is searched for in all locations. */
export function Seek() {
  const [words, setWords] = useState('')
  const navigate = useNavigate()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (words.trim() === '') return
    void navigate({ to: '/search', search: { q: words.trim() } })
    setWords('')
  }
  return (
    <form role="search" className="seek-top" aria-label={m.search.label()} onSubmit={submit}>
      <SearchField className="search" value={words} onChange={setWords}>
        <Label className="hidden-text">{m.search.label()}</Label>
        <Search size={16} aria-hidden />
        <Input placeholder={m.search.label()} enterKeyHint="search" />
      </SearchField>
    </form>
  )
}
