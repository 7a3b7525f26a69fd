import { CircleAlert, Info } from 'lucide-react'
import type { ReactNode } from 'react'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { describe } from './problems'

type Tone = 'bad' | 'warn' | 'calm'

/** A boxed message in the flow of a page. */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Icon = tone === 'calm' ? Info : CircleAlert
  return (
    <div className={`notice notice-${tone}`} role={tone === 'calm' ? 'status' : 'alert'}>
      <Icon size={17} aria-hidden />
      <div>{children}</div>
    </div>
  )
}

interface FailureProps {
  title: string
  error: unknown
  onRetry?: () => void
  /** It takes the place of a whole page, so its title is the page's. */
  page?: boolean
}

/** An error where content was expected: it says so, and never looks like emptiness. */
export function Failure({ title, error, onRetry, page = false }: FailureProps) {
  const Title = page ? 'h1' : 'h2'
  return (
    <div className="blank" role="alert">
      <CircleAlert size={30} strokeWidth={1.6} className="bad" aria-hidden />
      <Title>{title}</Title>
      <p>{describe(error)}</p>
      {onRetry === undefined ? null : <Button onPress={onRetry}>{m.common.retry()}</Button>}
    </div>
  )
}

interface BlankProps {
  icon: ReactNode
  title: string
  children?: ReactNode
  page?: boolean
}

/** Nothing here, and what to do next. */
export function Blank({ icon, title, children, page = false }: BlankProps) {
  const Title = page ? 'h1' : 'h2'
  return (
    <div className="blank">
      {icon}
      <Title>{title}</Title>
      {children}
    </div>
  )
}

/** Appears only after a moment, so that quick answers do not flicker. */
export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden />
      {m.common.loading()}
    </div>
  )
}
