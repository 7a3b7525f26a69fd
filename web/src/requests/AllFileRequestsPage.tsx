import { useInfiniteQuery } from '@tanstack/react-query'
import { FolderDown } from 'lucide-react'
import { allFileRequestsQuery } from '../api/fileRequests'
import { mc } from '../i18n/collecting'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { FileRequestTable } from '../ui/FileRequestTable'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'

/** Everybody's file requests. */
export function AllFileRequestsPage() {
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(allFileRequestsQuery)
  const requests = data?.pages.flatMap((page) => page.requests) ?? []
  return (
    <Page title={m.app.allFileRequests()} text={mc.allText}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={mc.failed} error={error} onRetry={() => void refetch()} /> : null}
      {data !== undefined && requests.length === 0 ? (
        <Blank icon={<FolderDown size={30} strokeWidth={1.6} aria-hidden />} title={mc.none}>
          <p>{mc.noneAllText}</p>
        </Blank>
      ) : null}
      {requests.length === 0 ? null : <FileRequestTable caption={m.app.allFileRequests()} requests={requests} everybodys />}
      {hasNextPage ? (
        <Button onPress={() => void fetchNextPage()} pending={isFetchingNextPage}>
          {m.links.more()}
        </Button>
      ) : null}
    </Page>
  )
}
