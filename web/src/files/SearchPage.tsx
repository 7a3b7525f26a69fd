import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Search, SearchX } from 'lucide-react'
import { useState, type ComponentType, type FormEvent } from 'react'
import { locationsQuery } from '../api/files'
import { againIn, searchQuery } from '../api/search'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import type { PreviewProps } from './previewing'
import { SearchFilters } from './SearchFilters'
import { askedOf, kept, type Sought } from './searching'
import { SearchResults } from './SearchResults'

/** How old an answer may be before it is said, in milliseconds. */
const OLD_MS = 60_000

interface Props {
  sought: Sought
  onSeek: (sought: Sought) => void
  Preview: ComponentType<PreviewProps>
}

/** Files and folders in all of a person's locations, by their names. The address says what is searched for. */
export function SearchPage({ sought, onSeek, Preview }: Props) {
  return (
    <Page title={m.search.title()} text={m.search.text()}>
      <Words key={sought.q} sought={sought} onSeek={onSeek} />
      <SearchFilters sought={sought} onChange={onSeek} />
      {sought.q === undefined ? (
        <Blank icon={<Search size={30} strokeWidth={1.6} aria-hidden />} title={m.search.begin()}>
          <p>{m.search.beginText()}</p>
        </Blank>
      ) : (
        <Found sought={sought} Preview={Preview} />
      )}
    </Page>
  )
}

function Words({ sought, onSeek }: Pick<Props, 'sought' | 'onSeek'>) {
  const [words, setWords] = useState(sought.q ?? '')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSeek(kept({ ...nothing, ...sought, q: words.trim() }))
  }
  return (
    <form className="seek" role="search" aria-label={m.search.title()} onSubmit={submit}>
      <Field label={m.search.words()} hint={m.search.hint()} value={words} onChange={setWords} autoFocus={sought.q === undefined} required />
      <Button look="primary" type="submit">
        <Search size={16} aria-hidden />
        {m.search.go()}
      </Button>
    </form>
  )
}

const nothing = { q: undefined, kind: undefined, location: undefined, path: undefined, size: undefined, since: undefined, until: undefined }

function Found({ sought, Preview }: { sought: Sought; Preview: ComponentType<PreviewProps> }) {
  const { data: locations = [] } = useQuery(locationsQuery)
  const query = searchQuery(askedOf(sought))
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(query)
  const waits = againIn(useQueryClient().getQueryState(query.queryKey)?.dataUpdateCount ?? 0) !== false
  const results = data?.pages.flatMap((page) => page.results) ?? []
  const first = data?.pages[0]
  const partial = data?.pages.some(({ complete }) => !complete) === true
  return (
    <>
      <p className="soft" role="status">
        {first === undefined ? '' : results.length === 0 ? (partial && waits ? m.search.noneYet() : m.search.none()) : m.search.found(results.length, hasNextPage)}
      </p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.search.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {partial ? <Notice tone="calm">{waits ? m.search.partial() : m.search.partialStill()}</Notice> : null}
      {!partial && isOld(first?.as_of) ? <Notice tone="calm">{m.search.older(first?.as_of ?? '')}</Notice> : null}
      {first !== undefined && results.length === 0 && !partial ? (
        <Blank icon={<SearchX size={30} strokeWidth={1.6} aria-hidden />} title={m.search.none()}>
          <p>{m.search.noneText()}</p>
        </Blank>
      ) : null}
      {results.length === 0 ? null : <SearchResults results={results} locations={locations} Preview={Preview} />}
      {hasNextPage ? (
        <div className="show-more">
          <Button pending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {m.search.more()}
          </Button>
        </div>
      ) : null}
    </>
  )
}

function isOld(at: string | null | undefined): boolean {
  return typeof at === 'string' && Date.now() - Date.parse(at) > OLD_MS
}
