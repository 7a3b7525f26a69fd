import { Link } from '@tanstack/react-router'
import { Download, Eye } from 'lucide-react'
import { useState, type ComponentType } from 'react'
import type { Location, SearchResult } from '../api/types'
import { bytes, dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { visibleName } from '../i18n/visible'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { download } from './download'
import { FileIcon } from './FileIcon'
import { Held } from './Held'
import { addressOf } from './paths'
import type { PreviewProps } from './previewing'
import { hitOf, type Hit } from './searching'

function fetchFile(location: string, path: string): void {
  download(location, path).catch((error: unknown) => toast(describe(error)))
}

interface Props {
  results: readonly SearchResult[]
  locations: readonly Location[]
  Preview: ComponentType<PreviewProps>
}

/** What was found: each leads to where it is; a file is looked at or downloaded from here. What is out of sight is not drawn. */
export function SearchResults({ results, locations, Preview }: Props) {
  const [looking, setLooking] = useState<{ hit: Hit; size: number }>()
  const file = looking === undefined ? undefined : { name: looking.hit.name, shown: visibleName(looking.hit.name), size: looking.size }
  return (
    <>
      <ul className="lines found" aria-label={m.search.results()}>
        {results.map((result) => (
          <Row
            key={`${result.location}/${result.path}`}
            result={result}
            hit={hitOf(result, locations)}
            onLook={(hit) => setLooking({ hit, size: result.size ?? 0 })}
            onDownload={() => fetchFile(result.location, result.path)}
          />
        ))}
      </ul>
      {looking === undefined || file === undefined ? null : (
        <Preview
          location={looking.hit.location}
          folder={looking.hit.folder}
          files={[file]}
          first={file}
          onDownload={(name) => fetchFile(looking.hit.location, looking.hit.folder + name)}
          onClose={() => setLooking(undefined)}
        />
      )}
    </>
  )
}

interface RowProps {
  result: SearchResult
  hit: Hit
  onLook: (hit: Hit) => void
  onDownload: () => void
}

function Row({ result, hit, onLook, onDownload }: RowProps) {
  const { kind, size, modified, scan } = result
  const { location, folder, name, way } = hit
  const isFolder = kind === 'folder'
  const entry = isFolder ? ({ kind: 'folder', name } as const) : ({ kind: 'file', name, size: size ?? 0, modified: modified ?? '', etag: '', scan } as const)
  return (
    <li className="place">
      <FileIcon entry={entry} />
      <Link to="/files/$location/$" params={{ location, _splat: addressOf(isFolder ? `${folder}${name}/` : folder) }} search={isFolder ? {} : { select: name }}>
        <b>
          <Marked hit={hit} />
        </b>
        <small className="soft">
          <Name text={way} />
          {modified === null || size === null ? null : ` · ${bytes(size)} · ${dateTime(modified)}`}
        </small>
      </Link>
      <Held scan={scan} />
      {isFolder ? null : (
        <>
          <Button look="quiet" label={m.search.preview(name)} onPress={() => onLook(hit)}>
            <Eye size={16} aria-hidden />
          </Button>
          <Button look="quiet" label={m.search.download(name)} onPress={onDownload}>
            <Download size={16} aria-hidden />
          </Button>
        </>
      )}
    </li>
  )
}

/** The name, with what matched set off. */
function Marked({ hit: { pieces } }: { hit: Hit }) {
  return pieces.map(({ at, text, matched }) =>
    matched ? (
      <mark key={at}>
        <Name text={text} />
      </mark>
    ) : (
      <Name key={at} text={text} />
    ),
  )
}
