import { useQuery } from '@tanstack/react-query'
import { FileX } from 'lucide-react'
import { useRef, useState } from 'react'
import { bytes } from '../i18n/format'
import { m } from '../i18n/messages'
import { Blank, Loading } from '../ui/Notice'
import type { Placed } from './file'
import { viewQuery } from './links'
import { Trouble } from './Trouble'

/** A picture is decoded as a whole; larger ones, in bytes, are left to other programs. */
const PICTURE_BYTES_MAX = 100_000_000

export function Picture(placed: Placed) {
  const { file, location, path } = placed
  const [broken, setBroken] = useState(false)
  const fits = file.size <= PICTURE_BYTES_MAX
  const { data: url, error, refetch } = useQuery({ ...viewQuery(location, path), enabled: fits })
  if (!fits) return <Unshown text={m.preview.tooLarge(file.size)} />
  if (error) return <Trouble location={location} path={path} error={error} onRetry={() => void refetch()} />
  if (broken) return <Unshown text={m.preview.brokenPicture()} />
  if (url === undefined) return <Loading />
  return <img className="shown-image" src={url} alt={file.shown} referrerPolicy="no-referrer" onError={() => setBroken(true)} />
}

/** A recording, played from the store in the pieces that are asked for. */
export function Recording({ file, location, path, video }: Placed & { video: boolean }) {
  const { data: url, error, refetch } = useQuery(viewQuery(location, path))
  const [broken, setBroken] = useState(false)
  const stoodAt = useRef(0)
  const played = useRef(false)
  const onError = (): void => {
    // A link ends after minutes, and recordings last longer: the next one goes on where this one stopped.
    if (!played.current) return setBroken(true)
    played.current = false
    void refetch()
  }
  if (error) return <Trouble location={location} path={path} error={error} onRetry={() => void refetch()} />
  if (broken) return <Unshown text={m.preview.brokenRecording()} />
  if (url === undefined) return <Loading />
  const Tag = video ? 'video' : 'audio'
  return (
    // What people stored has no captions beside it.
    // oxlint-disable-next-line media-has-caption
    <Tag
      className={video ? 'shown-image' : 'shown-sound'}
      src={url}
      controls
      preload="metadata"
      aria-label={file.shown}
      data-keeps-keys
      onError={onError}
      onTimeUpdate={(event) => {
        played.current = true
        stoodAt.current = event.currentTarget.currentTime
      }}
      onLoadedMetadata={(event) => {
        if (stoodAt.current > 0) event.currentTarget.currentTime = stoodAt.current
      }}
    />
  )
}

/**
 * A PDF in the browser's own viewer, in a frame of the store's origin. Its type is forced by the link, so what only
 * calls itself a PDF goes to the viewer too, and not to the page's engine. The embedded store adds `sandbox` to the
 * answer, under which Chromium 148 still opens its viewer; with the attribute on the frame it opens none.
 */
export function Pdf({ file, location, path }: Placed) {
  const { data: url, error, refetch } = useQuery({ ...viewQuery(location, path), enabled: navigator.pdfViewerEnabled })
  if (!navigator.pdfViewerEnabled) return <Unshown text={m.preview.noPdfViewer()} />
  if (error) return <Trouble location={location} path={path} error={error} onRetry={() => void refetch()} />
  if (url === undefined) return <Loading />
  // oxlint-disable-next-line iframe-missing-sandbox
  return <iframe className="shown-frame" src={url} title={file.shown} referrerPolicy="no-referrer" data-keeps-keys />
}

export function Unshown({ text }: { text: string }) {
  return (
    <Blank icon={<FileX size={30} strokeWidth={1.6} aria-hidden />} title={m.preview.cannot()}>
      <p>{text}</p>
    </Blank>
  )
}

/** A kind of file that nothing here shows. */
export function Unknown({ file }: { file: Placed['file'] }) {
  return <Unshown text={m.preview.unknownKind(bytes(file.size))} />
}
