import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { MoreHorizontal } from 'lucide-react'
import { useState } from 'react'
import { actOnPerson, peopleQuery, type PersonAction } from '../api/admin'
import type { PersonRow } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm } from '../ui/Dialog'
import { Menu, type MenuAction } from '../ui/Menu'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

/** What an administrator may do with one person. Only disabling asks first: it interrupts their work. */
export function PersonActions({ person }: { person: PersonRow }) {
  const [asking, setAsking] = useState(false)
  const queries = useQueryClient()
  const navigate = useNavigate()
  const act = useMutation({
    mutationFn: (action: PersonAction) => actOnPerson(person.uid, action),
    onSuccess: (_, action) => {
      setAsking(false)
      toast(m.people.done[action](person.name))
    },
    onError: (error, action) => action === 'disable' || toast(describe(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  })
  const item = (action: PersonAction, label: string): MenuAction => ({
    id: action,
    label,
    onAction: () => act.mutate(action),
  })
  const actions: MenuAction[] = [
    {
      id: 'grants',
      label: m.people.grants(),
      onAction: () => void navigate({ to: '/people/$uid', params: { uid: person.uid } }),
    },
    ...(person.status === 'pending' ? [item('approve', m.people.approve())] : []),
    ...(person.status === 'disabled' ? [item('enable', m.people.enable())] : []),
    ...(person.status === 'active' ? [item('end-sessions', m.people.endSessions())] : []),
    ...(person.status === 'disabled'
      ? []
      : [{ id: 'disable', label: m.people.disable(), onAction: () => setAsking(true) }]),
  ]
  return (
    <div className="row-actions">
      {person.status === 'pending' ? (
        <Button look="primary" onPress={() => act.mutate('approve')} pending={act.isPending}>
          {m.people.approve()} <span className="hidden-text">{person.name}</span>
        </Button>
      ) : null}
      <Menu
        icon
        look="quiet"
        label={m.common.actionsFor(person.name)}
        trigger={<MoreHorizontal size={17} aria-hidden />}
        actions={actions}
      />
      {asking ? (
        <Confirm
          title={m.people.disableTitle(person.name)}
          action={m.people.disable()}
          pending={act.isPending}
          onConfirm={() => act.mutate('disable')}
          onClose={() => setAsking(false)}
        >
          <p>{m.people.disableText()}</p>
          {act.error ? <Notice tone="bad">{describe(act.error)}</Notice> : null}
        </Confirm>
      ) : null}
    </div>
  )
}
