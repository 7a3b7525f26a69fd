import { useInfiniteQuery } from '@tanstack/react-query'
import { FolderDown } from 'lucide-react'
import { ownFileRequestsQuery } from '../api/fileRequests'
import { mc } from '../i18n/collecting'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { FileRequestTable } from '../ui/FileRequestTable'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'

/** What files one asks for: all of it, to look after it and to revoke it. */
export function FileRequestsPage() {
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(ownFileRequestsQuery)
  const requests = data?.pages.flatMap((page) => page.requests) ?? []
  return (
    <Page title={m.app.fileRequests()} text={mc.text}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={mc.failed} error={error} onRetry={() => void refetch()} /> : null}
      {data !== undefined && requests.length === 0 ? (
        <Blank icon={<FolderDown size={30} strokeWidth={1.6} aria-hidden />} title={mc.none}>
          <p>{mc.noneText}</p>
        </Blank>
      ) : null}
      {requests.length === 0 ? null : <FileRequestTable caption={m.app.fileRequests()} requests={requests} />}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {m.links.more()}
        </Button>
      ) : null}
    </Page>
  )
}
