import { useInfiniteQuery } from '@tanstack/react-query'
import { Share2 } from 'lucide-react'
import { allLinksQuery } from '../api/links'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { LinkTable } from '../ui/LinkTable'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'
import { LinkRulesForm } from './LinkRulesForm'

/** Everybody's links, and the rules for them. */
export function AllLinksPage() {
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(allLinksQuery)
  const links = data?.pages.flatMap((page) => page.links) ?? []
  return (
    <Page title={m.app.links()} text={ma.linking.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.linking.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data !== undefined && links.length === 0 ? (
        <Blank icon={<Share2 size={30} strokeWidth={1.6} aria-hidden />} title={ma.linking.none()}>
          <p>{ma.linking.noneText()}</p>
        </Blank>
      ) : null}
      {links.length === 0 ? null : <LinkTable caption={m.app.links()} links={links} everybodys />}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {m.links.more()}
        </Button>
      ) : null}
      <LinkRulesForm />
    </Page>
  )
}
