import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { History } from 'lucide-react'
import { useState } from 'react'
import { locationsQuery } from '../api/files'
import type { FileVersion } from '../api/types'
import { versionsQuery } from '../api/versions'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'
import { Compare } from './Compare'
import { VersionLine } from './VersionLine'
import '../styles/preview.css'

interface Props {
  id: string
  /** In the location. */
  path: string
}

/** Every version of a file: saved, compared with what the file is now, put in its place. */
export function VersionsPage({ id, path }: Props) {
  const { data: locations } = useQuery(locationsQuery)
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(versionsQuery(id, path))
  const [compared, setCompared] = useState<FileVersion>()
  const versions = data?.pages.flatMap((page) => page.versions) ?? []
  const may = data?.pages[0]?.may
  const current = versions.find((version) => version.current)
  const name = path.slice(path.lastIndexOf('/') + 1)
  const folder = path.slice(0, path.length - name.length).replace(/\/$/, '')
  const where = locations?.find((location) => location.id === id)?.title ?? ''
  return (
    <Page title={m.versions.title(name)} text={m.versions.text(where)}>
      <Link to="/files/$location/$" params={{ location: id, _splat: folder }} search={{ select: name }} className="link">
        {m.versions.back()}
      </Link>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.versions.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {versions.length === 1 && current !== undefined ? (
        <Blank icon={<History size={30} strokeWidth={1.6} aria-hidden />} title={m.versions.only()}>
          <p>{m.versions.onlyText()}</p>
        </Blank>
      ) : null}
      {may === undefined ? null : (
        <ul className="lines versions" aria-label={m.versions.list()}>
          {versions.map((version) => (
            <VersionLine key={version.version} {...{ id, path, version, current, may }} onCompare={setCompared} />
          ))}
        </ul>
      )}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {m.versions.older()}
        </Button>
      ) : null}
      {compared === undefined || current === undefined ? null : (
        <Compare {...{ id, path, current }} older={compared} onClose={() => setCompared(undefined)} />
      )}
    </Page>
  )
}
