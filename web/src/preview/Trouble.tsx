import { useQuery } from '@tanstack/react-query'
import { FileX } from 'lucide-react'
import { explainQuery } from '../api/files'
import { isProblem } from '../api/problem'
import { m } from '../i18n/messages'
import { AskAccess } from '../ui/AskAccess'
import { Button } from '../ui/Button'
import { Blank } from '../ui/Notice'
import { describe, isHeldBack } from '../ui/problems'
import { Why } from '../ui/Why'
import { StoreRefusal } from './refusal'
import { TooLong } from './save'
import { NotText } from './text'

interface Props {
  location: string
  path: string
  error: unknown
  onRetry?: (() => void) | undefined
}

/** Why a file is not shown: refused, gone, or no text at all. */
export function Trouble({ location, path, error, onRetry }: Props) {
  return (
    <div role="alert">
      <Blank icon={<FileX size={30} strokeWidth={1.6} aria-hidden />} title={m.preview.failed()}>
        {isProblem(error) && error.facts.explanation !== undefined ? (
          <>
            {isHeldBack(error) ? <p>{describe(error)}</p> : null}
            <Why allowed={false} explanation={error.facts.explanation} />
            {isHeldBack(error) ? null : <AskAccess location={location} path={path} place={path} action="s3:GetObject" />}
          </>
        ) : (
          <p>{sentenceFor(error)}</p>
        )}
        {error instanceof StoreRefusal && error.status === 403 ? <Reason location={location} path={path} /> : null}
        {onRetry === undefined ? null : <Button onPress={onRetry}>{m.common.retry()}</Button>}
      </Blank>
    </div>
  )
}

/** The store refused: the statement that decides is asked for. */
function Reason({ location, path }: { location: string; path: string }) {
  const { data } = useQuery(explainQuery(location, path, 's3:GetObject'))
  if (data === undefined || data.allowed) return null
  return (
    <>
      <Why {...data} />
      <AskAccess location={location} path={path} place={path} action="s3:GetObject" />
    </>
  )
}

export function sentenceFor(error: unknown): string {
  if (error instanceof NotText) return m.preview.notText()
  if (error instanceof TooLong) return m.preview.tooLong()
  if (error instanceof StoreRefusal) return refusedBy(error)
  if (isProblem(error) && error.status === 404) return m.preview.gone()
  return describe(error)
}

function refusedBy({ status, code }: StoreRefusal): string {
  if (status === 0) return m.preview.storeSilent()
  return status === 404 ? m.preview.gone() : m.preview.storeRefused(code)
}
