import { useQuery } from '@tanstack/react-query'
import { allGrantsQuery } from '../api/admin'
import { ma } from '../i18n/administration'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { GrantForm } from './GrantForm'
import { GrantTable } from './GrantTable'

/** Every grant of the house: to persons, to groups, to everyone. */
export function GrantsPage() {
  const { data, error, isPending, refetch } = useQuery(allGrantsQuery)
  return (
    <Page title={ma.grants.title()} text={ma.grants.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.grants.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <Notice tone="calm">{ma.grants.noneAtAll()}</Notice> : null}
      {data !== undefined && data.length > 0 ? <GrantTable caption={ma.grants.title()} grants={data} subjects /> : null}
      <GrantForm />
    </Page>
  )
}
