/** Ties the preview, which is fetched when it is first needed, to the checksums of the upload engine. */
import { lazy, Suspense } from 'react'
import type { PreviewProps } from '../files/previewing'
import { crc64, toBase64 } from '../upload/crc64'

const Preview = lazy(() => import('../preview/Preview').then(({ Preview: it }) => ({ default: it })))

export function Previewing(props: PreviewProps) {
  return (
    <Suspense>
      <Preview {...props} checksum={(bytes) => toBase64(crc64(bytes))} />
    </Suspense>
  )
}
