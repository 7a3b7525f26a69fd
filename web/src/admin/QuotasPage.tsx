import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Gauge } from 'lucide-react'
import { quotasQuery, removeQuota } from '../api/quotas'
import type { Quota, QuotaUse } from '../api/types'
import { bytes, count } from '../i18n/format'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Fill } from '../ui/Fill'
import { Name } from '../ui/Name'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { QuotaForm } from './QuotaForm'
import { quotaName } from './quota-name'

/** How much there may be in the places of persons and groups, and in places. */
export function QuotasPage() {
  const { data, error, isPending, refetch } = useQuery(quotasQuery)
  return (
    <Page title={ma.quotas.title()} text={ma.quotas.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.quotas.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.kept === false ? <Notice tone="warn">{ma.quotas.notKept()}</Notice> : null}
      {data?.quotas.length === 0 ? (
        <Blank icon={<Gauge size={30} strokeWidth={1.6} aria-hidden />} title={ma.quotas.none()}>
          <p>{ma.quotas.noneText()}</p>
        </Blank>
      ) : null}
      {data?.quotas.map((quota) => <OneQuota key={quota.id} quota={quota} />)}
      {data?.kept === true ? <QuotaForm /> : null}
    </Page>
  )
}

function limitsOf({ limit_bytes, limit_objects }: Quota): string {
  const limits = [limit_bytes === null ? null : bytes(limit_bytes), limit_objects === null ? null : m.account.quotaFiles(limit_objects)]
  return limits.filter((limit) => limit !== null).join(', ')
}

function OneQuota({ quota }: { quota: Quota }) {
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => withProof(() => removeQuota(quota.id)),
    onSuccess: () => toast(ma.quotas.removed()),
    onError: (error) => toast(describe(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['quotas'] }),
  })
  const name = quotaName(quota)
  return (
    <section className="section">
      <h2>
        <Name text={name} />
      </h2>
      <p>{ma.quotas.atMost(limitsOf(quota))}</p>
      {quota.uses.length === 0 ? <p className="soft">{ma.quotas.nowhere()}</p> : <Uses quota={quota} name={name} />}
      {quota.uses_total > quota.uses.length ? <p className="soft">{ma.quotas.more(quota.uses_total - quota.uses.length)}</p> : null}
      <div>
        <Button onPress={() => remove.mutate()} pending={remove.isPending}>
          {ma.quotas.remove()} <span className="hidden-text">{name}</span>
        </Button>
      </div>
    </section>
  )
}

function Uses({ quota, name }: { quota: Quota; name: string }) {
  return (
    <table className="table">
      <caption className="hidden-text">{ma.quotas.usesOf(name)}</caption>
      <thead>
        <tr>
          <th scope="col">{ma.quotas.whose()}</th>
          <th scope="col">{ma.quotas.used()}</th>
          <th scope="col">{ma.quotas.files()}</th>
          <th scope="col">{ma.quotas.coming()}</th>
        </tr>
      </thead>
      <tbody>
        {quota.uses.map((use) => (
          <Use key={`${use.for.kind} ${use.places.join(' ')} ${use.name ?? ''}`} use={use} quota={quota} />
        ))}
      </tbody>
    </table>
  )
}

function Use({ use, quota }: { use: QuotaUse; quota: Quota }) {
  const name = quotaName(use)
  return (
    <tr>
      <th scope="row">
        <Name text={name} />
        {use.counted === null ? <span className="pill">{ma.quotas.counting()}</span> : null}
      </th>
      <td data-label={ma.quotas.used()}>
        {bytes(use.used_bytes)} {quota.limit_bytes === null ? null : <Fill used={use.used_bytes} limit={quota.limit_bytes} label={ma.quotas.usesOf(name)} />}
      </td>
      <td data-label={ma.quotas.files()}>{count(use.used_objects)}</td>
      <td data-label={ma.quotas.coming()}>{bytes(use.reserved_bytes)}</td>
    </tr>
  )
}
