import { useQuery } from '@tanstack/react-query'
import { identitiesOfQuery } from '../api/providers'
import { m } from '../i18n/messages'
import { Identities } from '../ui/Identities'
import { Failure, Loading } from '../ui/Notice'

/** The sign-ins that a person has linked, for administrators. */
export function PersonIdentities({ uid }: { uid: string }) {
  const { data, error, isPending, refetch } = useQuery(identitiesOfQuery(uid))
  return (
    <section className="section" aria-label={m.providers.ofPerson()}>
      <h2>{m.providers.ofPerson()}</h2>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.providers.loadFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <p className="soft">{m.providers.noneOfPerson()}</p> : null}
      {data === undefined || data.length === 0 ? null : <Identities identities={data} />}
    </section>
  )
}
