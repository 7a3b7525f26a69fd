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

/** An error where content was expected: it says so, and never looks like emptiness. */
export function Failure({ title, error, onRetry }: { title: string; error: unknown; onRetry?: () => void }) {
  return (
    <div className="blank" role="alert">
      <CircleAlert size={30} strokeWidth={1.6} className="bad" aria-hidden />
      <h2>{title}</h2>
      <p>{describe(error)}</p>
      {onRetry === undefined ? null : <Button onPress={onRetry}>{m.common.retry()}</Button>}
    </div>
  )
}

/** Nothing here, and what to do next. */
export function Blank({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="blank">
      {icon}
      <h2>{title}</h2>
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
