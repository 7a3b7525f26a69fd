import { useQuery } from '@tanstack/react-query'
import { allGrantsQuery } from '../api/admin'
import { m } from '../i18n/messages'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { GrantForm } from './GrantForm'
import { GrantTable } from './GrantTable'

/** Every grant of the house: to persons, to groups, to everyone. */
export function GrantsPage() {
  const { data, error, isPending, refetch } = useQuery(allGrantsQuery)
  return (
    <Page title={m.grants.title()} text={m.grants.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.grants.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <Notice tone="calm">{m.grants.noneAtAll()}</Notice> : null}
      {data !== undefined && data.length > 0 ? <GrantTable caption={m.grants.title()} grants={data} subjects /> : null}
      <GrantForm />
    </Page>
  )
}
