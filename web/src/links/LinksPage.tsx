import { useInfiniteQuery } from '@tanstack/react-query'
import { Share2 } from 'lucide-react'
import { ownLinksQuery } from '../api/links'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { LinkTable } from '../ui/LinkTable'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'

/** What one shares by links: all of it, to look after it and to revoke it. */
export function LinksPage() {
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(ownLinksQuery)
  const links = data?.pages.flatMap((page) => page.links) ?? []
  return (
    <Page title={m.links.title()} text={m.links.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.links.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data !== undefined && links.length === 0 ? (
        <Blank icon={<Share2 size={30} strokeWidth={1.6} aria-hidden />} title={m.links.none()}>
          <p>{m.links.noneText()}</p>
        </Blank>
      ) : null}
      {links.length === 0 ? null : <LinkTable caption={m.links.title()} links={links} />}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {m.links.more()}
        </Button>
      ) : null}
    </Page>
  )
}
