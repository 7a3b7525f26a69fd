import { File, FileArchive, FileAudio, FileCode, FileImage, FileSpreadsheet, FileText, FileVideo, Folder, type LucideIcon } from 'lucide-react'
import type { Entry } from '../api/types'

const families: readonly (readonly [LucideIcon, string, string])[] = [
  [FileImage, 'picture', 'jpg jpeg png gif webp avif svg tif tiff bmp heic'],
  [FileVideo, 'picture', 'mp4 mov mkv webm avi'],
  [FileAudio, 'picture', 'mp3 wav flac ogg m4a'],
  [FileArchive, 'plain', 'zip gz tgz tar bz2 xz zst 7z rar'],
  [FileSpreadsheet, 'plain', 'csv tsv xls xlsx ods parquet'],
  [FileCode, 'plain', 'json xml yaml yml toml html css js ts tsx py rs go java c h cpp sh sql'],
  [FileText, 'plain', 'pdf txt md doc docx odt rtf tex log'],
]

const byExtension = new Map(
  families.flatMap(([icon, tone, list]) => list.split(' ').map((extension) => [extension, { icon, tone }] as const)),
)

export function FileIcon({ entry, size = 18 }: { entry: Entry; size?: number }) {
  if (entry.kind === 'folder') return <Folder size={size} strokeWidth={1.6} className="ic ic-folder" aria-hidden />
  const extension = entry.name.slice(entry.name.lastIndexOf('.') + 1).toLowerCase()
  const { icon: Icon, tone } = byExtension.get(extension) ?? { icon: File, tone: 'plain' }
  return <Icon size={size} strokeWidth={1.6} className={`ic ic-${tone}`} aria-hidden />
}
