import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { MailPlus } from 'lucide-react'
import { invitationsQuery, revokeInvitation } from '../api/admin'
import type { Invitation } from '../api/types'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Blank, Failure, Loading } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { Invite } from './Invite'

/** Links that let one person in, once. */
export function InvitationsPage() {
  const { data, error, isPending, refetch } = useQuery(invitationsQuery)
  return (
    <Page title={ma.invitations.title()} text={ma.invitations.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.invitations.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? (
        <Blank icon={<MailPlus size={30} strokeWidth={1.6} aria-hidden />} title={ma.invitations.none()}>
          <p>{ma.invitations.noneText()}</p>
        </Blank>
      ) : null}
      {data !== undefined && data.length > 0 ? <Invitations all={data} /> : null}
      <Invite />
    </Page>
  )
}

function Invitations({ all }: { all: readonly Invitation[] }) {
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: (id: string) => withProof(() => revokeInvitation(id)),
    onSuccess: () => toast(ma.invitations.revoked()),
    onError: (error) => toast(describe(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  })
  return (
    <table className="table">
      <caption className="hidden-text">{ma.invitations.title()}</caption>
      <thead>
        <tr>
          <th scope="col">{ma.invitations.whom()}</th>
          <th scope="col">{ma.invitations.brings()}</th>
          <th scope="col">{ma.people.status()}</th>
          <th scope="col">{ma.invitations.madeBy()}</th>
          <th scope="col" className="end">
            {m.common.actions()}
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map((invitation) => (
          <tr key={invitation.id}>
            <th scope="row">{whom(invitation)}</th>
            <td data-label={ma.invitations.brings()}>{brings(invitation)}</td>
            <td data-label={ma.people.status()}>
              <Standing invitation={invitation} />
            </td>
            <td data-label={ma.invitations.madeBy()}>
              {invitation.made_by?.name ?? ma.invitations.operator()}, {dateTime(invitation.created)}
            </td>
            <td className="end">
              {invitation.standing.kind === 'open' ? (
                <Button onPress={() => revoke.mutate(invitation.id)}>
                  {ma.invitations.revoke()} <span className="hidden-text">{whom(invitation)}</span>
                </Button>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function whom({ name, email }: Invitation): string {
  return name ?? email ?? ma.invitations.anybody()
}

function brings({ groups, grants }: Invitation): string {
  const all = [...groups.map((name) => ma.grants.groupNamed(name)), ...grants.map(({ title }) => title)]
  return all.length === 0 ? ma.invitations.nothingMore() : all.join(', ')
}

function Standing({ invitation: { standing, expires } }: { invitation: Invitation }) {
  switch (standing.kind) {
    case 'open':
      return <span className="pill pill-ok">{ma.invitations.openUntil(expires)}</span>
    case 'spent':
      return <span className="pill">{ma.invitations.usedBy(standing.name ?? standing.uid)}</span>
    case 'revoked':
      return <span className="pill pill-bad">{ma.invitations.standingRevoked()}</span>
    case 'expired':
      return <span className="pill pill-warn">{ma.invitations.standingExpired()}</span>
  }
}
