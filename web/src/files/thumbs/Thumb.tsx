import { useQuery } from '@tanstack/react-query'
import { useLayoutEffect, useRef } from 'react'
import { downloadUrl } from '../../api/files'
import type { Entry, FileEntry } from '../../api/types'
import { useSettled } from '../../ui/useSettled'
import { extensionOf } from '../entries'
import { FileIcon } from '../FileIcon'
import { BYTES_MAX } from './limits'
import { makeThumb } from './maker'

interface Props {
  location: string
  path: string
  entry: Entry
  size: number
}

/** Whether a thumbnail is tried at all. */
export function isPictured(entry: Entry): entry is FileEntry {
  return entry.kind === 'file' && PICTURES.has(extensionOf(entry.name)) && entry.size <= BYTES_MAX
}

const PICTURES = new Set(['png', 'jpg', 'jpeg', 'gif', 'webp'])

/** A picture made small, of the bytes that the person may read; the icon of its kind until then, and of all else. */
export function Thumb({ location, path, entry, size }: Props) {
  if (!isPictured(entry)) return <FileIcon entry={entry} size={size} />
  return <Pictured location={location} path={path} file={entry} size={size} />
}

function Pictured({ location, path, file, size }: { location: string; path: string; file: FileEntry; size: number }) {
  const rested = useSettled(path)
  const key = `${location}/${path} ${file.etag}`
  const { data: bitmap = null } = useQuery({
    queryKey: ['thumb', key],
    queryFn: async ({ signal }) => (await makeThumb(key, () => downloadUrl(location, path), signal)) ?? null,
    enabled: rested,
    staleTime: Infinity,
    gcTime: 0,
    structuralSharing: false,
  })
  return bitmap === null || bitmap.width === 0 ? <FileIcon entry={file} size={size} /> : <Drawn bitmap={bitmap} size={size} />
}

/** Pixels on a canvas: they have no address at all. */
function Drawn({ bitmap, size }: { bitmap: ImageBitmap; size: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (bitmap.width > 0) context?.drawImage(bitmap, 0, 0)
  }, [bitmap])
  return <canvas ref={canvas} className="thumb" width={bitmap.width} height={bitmap.height} style={{ width: size, height: size }} aria-hidden />
}
