import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { MoreHorizontal } from 'lucide-react'
import { useState } from 'react'
import { actOnPerson, deletePerson, makePasswordLink, peopleQuery, resetSecondFactor, type PersonAction } from '../api/admin'
import type { PersonRow } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Tick } from '../ui/Choice'
import type { Command } from '../ui/commands'
import { Menu } from '../ui/Menu'
import { Name } from '../ui/Name'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { useUndo } from '../ui/useUndo'
import { OneTimeLink } from './OneTimeLink'
import { PersonSessions } from './PersonSessions'

type Interrupting = 'disable' | 'reset-second-factor' | 'delete'

/** What an administrator may do with one person. What interrupts their work asks first. */
export function PersonActions({ person }: { person: PersonRow }) {
  const [asking, setAsking] = useState<Interrupting>()
  const [looking, setLooking] = useState(false)
  const [endLinks, setEndLinks] = useState(true)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const undoable = useUndo([peopleQuery.queryKey])
  const act = useMutation({
    mutationFn: (action: PersonAction | Interrupting) => withProof(() => does(action, person.uid, !endLinks)),
    onSuccess: (_, action) => {
      setAsking(undefined)
      const done = ma.people.done[action](person.name)
      if (action !== 'disable') toast(done)
      else undoable(done, () => actOnPerson(person.uid, 'enable'), ma.people.done.enable(person.name))
    },
    onError: (error, action) => action === asking || toast(describe(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  })
  const link = useMutation({
    mutationFn: () => withProof(() => makePasswordLink(person.uid)),
    onError: (error) => toast(describe(error)),
  })
  const item = (action: PersonAction, label: string): Command => ({
    id: action,
    label,
    onAction: () => act.mutate(action),
  })
  const actions: Command[] = [
    {
      id: 'grants',
      label: ma.people.grants(),
      onAction: () => void navigate({ to: '/people/$uid', params: { uid: person.uid } }),
    },
    ...(person.status === 'pending' ? [item('approve', ma.people.approve())] : []),
    ...(person.status === 'disabled' ? [item('enable', ma.people.enable())] : []),
    ...(person.status === 'active'
      ? [
          { id: 'sessions', label: m.sessions.title(), onAction: () => setLooking(true) },
          item('end-sessions', ma.people.endSessions()),
        ]
      : []),
    ...(person.status === 'disabled'
      ? []
      : [{ id: 'disable', label: ma.people.disable(), onAction: () => setAsking('disable') }]),
    ...(person.second_factor
      ? [{ id: 'reset-second-factor', label: ma.people.resetFactor(), onAction: () => setAsking('reset-second-factor') }]
      : []),
    ...(person.status === 'disabled'
      ? []
      : [{ id: 'password-link', label: ma.people.passwordLink(), onAction: () => link.mutate() }]),
    { id: 'delete', label: ma.people.delete(), onAction: () => setAsking('delete') },
  ]
  return (
    <div className="row-actions">
      {person.status === 'pending' ? (
        <Button look="primary" onPress={() => act.mutate('approve')} pending={act.isPending}>
          {ma.people.approve()} <Name text={person.name} className="hidden-text" />
        </Button>
      ) : null}
      <Menu
        icon
        look="quiet"
        label={m.common.actionsFor(person.name)}
        trigger={<MoreHorizontal size={17} aria-hidden />}
        actions={actions}
      />
      {looking ? <PersonSessions person={person} onClose={() => setLooking(false)} /> : null}
      {link.data === undefined ? null : (
        <OneTimeLink
          title={ma.people.passwordLinkTitle(person.name)}
          text={ma.people.passwordLinkText(link.data.expires)}
          path={link.data.path}
          onClose={() => link.reset()}
        />
      )}
      {asking === undefined ? null : (
        <Confirm
          title={ma.people.askTitle[asking](person.name)}
          action={ma.people.askAction[asking]()}
          pending={act.isPending}
          onConfirm={() => act.mutate(asking)}
          onClose={() => setAsking(undefined)}
        >
          <p>{ma.people.askText[asking]()}</p>
          {asking === 'reset-second-factor' ? (
            <Tick value={endLinks} onChange={setEndLinks}>
              {ma.people.endLinks()}
            </Tick>
          ) : null}
          {act.error ? <Notice tone="bad">{describe(act.error)}</Notice> : null}
        </Confirm>
      )}
    </div>
  )
}

async function does(action: PersonAction | Interrupting, uid: string, keepLinks: boolean): Promise<void> {
  if (action === 'delete') await deletePerson(uid)
  else if (action === 'reset-second-factor') await resetSecondFactor(uid, keepLinks)
  else await actOnPerson(uid, action)
}
