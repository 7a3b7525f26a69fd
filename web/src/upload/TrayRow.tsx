import { BadgeCheck, Pause, Play, RotateCcw, TriangleAlert, X } from 'lucide-react'
import { memo, useRef } from 'react'
import { m } from '../i18n/messages'
import { visibleName } from '../i18n/visible'
import { AskAccess } from '../ui/AskAccess'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { uploads } from './browser'
import { nameOf, type UploadItem } from './items'
import { isRefusal, lineOf, percentOf } from './lines'

export const TrayRow = memo(function TrayRow({ item }: { item: UploadItem }) {
  const name = nameOf(item.path)
  const percent = percentOf(item)
  const line = lineOf(item)
  return (
    <div className="upload" data-state={item.state.kind}>
      <div className="upload-top">
        <span className="name" title={visibleName(item.path)}>
          <Name text={name} />
        </span>
        <Controls item={item} name={name} />
      </div>
      <div className="bar" role="progressbar" aria-label={visibleName(name)} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} aria-valuetext={line}>
        <div style={{ width: `${percent}%` }} />
      </div>
      <div className="upload-line">{line}</div>
    </div>
  )
})

function Controls({ item, name }: { item: UploadItem; name: string }) {
  const { state, key } = item
  const cancel = (
    <Button look="quiet" label={m.uploads.cancel(name)} onPress={() => void uploads.cancel(key)}>
      <X size={15} aria-hidden />
    </Button>
  )
  switch (state.kind) {
    case 'queued':
    case 'verifying':
    case 'comparing':
    case 'uploading':
    case 'waiting':
      return (
        <>
          <Button look="quiet" label={m.uploads.pause(name)} onPress={() => uploads.pause(key)}>
            <Pause size={15} aria-hidden />
          </Button>
          {cancel}
        </>
      )
    case 'paused':
      return (
        <>
          <Button look="quiet" label={m.uploads.resume(name)} onPress={() => uploads.resume(key)}>
            <Play size={15} aria-hidden />
          </Button>
          {cancel}
        </>
      )
    case 'needs-file':
      return (
        <>
          <ChooseAgain item={item} name={name} reopens={state.reopens} />
          {cancel}
        </>
      )
    case 'failed':
      return (
        <>
          {isRefusal(state.error) ? <AskAccess location={item.location} path={item.path} place={item.path} action="s3:PutObject" /> : null}
          <TriangleAlert size={16} className="warn" aria-hidden />
          <Button look="quiet" label={m.uploads.retry(name)} onPress={() => uploads.resume(key)}>
            <RotateCcw size={15} aria-hidden />
          </Button>
          {cancel}
        </>
      )
    case 'conflict':
      return cancel
    case 'finishing':
      return null
    case 'done':
      return (
        <span className="seal" title={m.uploads.checksum(state.checksum)}>
          <BadgeCheck size={17} aria-label={m.uploads.checksum(state.checksum)} role="img" />
        </span>
      )
  }
}

/** Chromium may open the file again by itself; otherwise the person chooses it, and its content is compared. */
function ChooseAgain({ item, name, reopens }: { item: UploadItem; name: string; reopens: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  const press = (): void => {
    if (!reopens) input.current?.click()
    else void uploads.reopen(item.key).then((opened) => opened || input.current?.click())
  }
  return (
    <>
      <Button label={reopens ? m.uploads.continueNamed(name) : m.uploads.proceed(name)} onPress={press}>
        {reopens ? m.uploads.continue() : m.uploads.choose()}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="choose-again"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          if (file !== undefined) uploads.supply(item.key, file)
        }}
      />
    </>
  )
}
