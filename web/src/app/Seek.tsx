import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useState, type FormEvent } from 'react'
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
      <label className="search">
        <Search size={16} aria-hidden />
        <span className="hidden-text">{m.search.label()}</span>
        <input type="search" value={words} onChange={(event) => setWords(event.target.value)} placeholder={m.search.label()} enterKeyHint="search" maxLength={200} autoComplete="off" spellCheck={false} />
      </label>
    </form>
  )
}
