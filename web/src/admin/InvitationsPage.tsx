import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { MailPlus } from 'lucide-react'
import { invitationsQuery, revokeInvitation } from '../api/admin'
import type { Invitation } from '../api/types'
import { dateTime } from '../i18n/format'
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
    <Page title={m.invitations.title()} text={m.invitations.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.invitations.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? (
        <Blank icon={<MailPlus size={30} strokeWidth={1.6} aria-hidden />} title={m.invitations.none()}>
          <p>{m.invitations.noneText()}</p>
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
    onSuccess: () => toast(m.invitations.revoked()),
    onError: (error) => toast(describe(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  })
  return (
    <table className="table">
      <caption className="hidden-text">{m.invitations.title()}</caption>
      <thead>
        <tr>
          <th scope="col">{m.invitations.whom()}</th>
          <th scope="col">{m.invitations.brings()}</th>
          <th scope="col">{m.people.status()}</th>
          <th scope="col">{m.invitations.madeBy()}</th>
          <th scope="col" className="end">
            {m.people.actions()}
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map((invitation) => (
          <tr key={invitation.id}>
            <th scope="row">{whom(invitation)}</th>
            <td data-label={m.invitations.brings()}>{brings(invitation)}</td>
            <td data-label={m.people.status()}>
              <Standing invitation={invitation} />
            </td>
            <td data-label={m.invitations.madeBy()}>
              {invitation.made_by?.name ?? m.invitations.operator()}, {dateTime(invitation.created)}
            </td>
            <td className="end">
              {invitation.standing.kind === 'open' ? (
                <Button onPress={() => revoke.mutate(invitation.id)}>
                  {m.invitations.revoke()} <span className="hidden-text">{whom(invitation)}</span>
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
  return name ?? email ?? m.invitations.anybody()
}

function brings({ groups, grants }: Invitation): string {
  const all = [...groups.map((name) => m.grants.groupNamed(name)), ...grants.map(({ title }) => title)]
  return all.length === 0 ? m.invitations.nothingMore() : all.join(', ')
}

function Standing({ invitation: { standing, expires } }: { invitation: Invitation }) {
  switch (standing.kind) {
    case 'open':
      return <span className="pill pill-ok">{m.invitations.openUntil(expires)}</span>
    case 'spent':
      return <span className="pill">{m.invitations.usedBy(standing.name ?? standing.uid)}</span>
    case 'revoked':
      return <span className="pill pill-bad">{m.invitations.standingRevoked()}</span>
    case 'expired':
      return <span className="pill pill-warn">{m.invitations.standingExpired()}</span>
  }
}
