import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useEffect } from 'react'
import { isProblem } from '../api/problem'
import { sessionQuery } from '../api/session'
import type { Viewing } from '../api/types'
import { endViewing } from '../api/viewing'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { describe } from '../ui/problems'
import '../styles/viewing.css'

/** Says on every page as whom is seen, and ends it. What was shown as somebody else is forgotten with the page. */
export function ViewingBanner({ viewing: { name, role, by, ends, over } }: { viewing: Viewing }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: endViewing,
    onSuccess: () => window.location.assign('/'),
    // It was ended in another window.
    onError: (error) => (isProblem(error, 'not-seeing') ? window.location.assign('/') : undefined),
  })
  useEffect(() => {
    const left = Date.parse(ends) - Date.now()
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey }), Math.max(0, left) + 1000)
    return () => clearTimeout(timer)
  }, [ends, queries])
  const said = over ? m.viewing.over(name) : role ? m.viewing.asRole(name, ends) : m.viewing.asPerson(name, ends)
  return (
    <div className="viewing" role="region" aria-label={m.viewing.banner()}>
      <Eye size={17} aria-hidden />
      <p>
        <strong><Name text={said} /></strong> <Name text={m.viewing.by(by)} />
        {end.error ? ` ${describe(end.error)}` : null}
      </p>
      <Button onPress={() => end.mutate()} pending={end.isPending}>
        {over ? m.viewing.goOn() : m.viewing.end()}
      </Button>
    </div>
  )
}
