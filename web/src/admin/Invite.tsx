import { useQuery, useQueryClient } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { groupsQuery, invitationsQuery, rolesQuery } from '../api/admin'
import type { ChangeMade, NewInvitation } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Field } from '../ui/Field'
import { Select } from '../ui/Select'
import { asked, GrantFields, isWhole, NO_GRANT, type GrantDraft } from './GrantFields'
import { OneTimeLink } from './OneTimeLink'
import { Shown } from './Shown'
import { useWeighed } from './weighed'

/** How long an invitation may be used, in hours; the longest is given. */
const HOURS = [1, 2, 4, 8, 12, 24] as const
const HOURS_GIVEN = 24

/** A grant that is being written; by the key it is known while others come and go. */
interface Brought extends GrantDraft {
  key: number
}

interface Draft {
  name: string
  email: string
  groups: ReadonlySet<string>
  grants: readonly Brought[]
  hours: number
}

const EMPTY: Draft = { name: '', email: '', groups: new Set(), grants: [], hours: HOURS_GIVEN }

/** The form that makes an invitation, and its link, shown once. */
export function Invite() {
  const [draft, setDraft] = useState(EMPTY)
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const [link, setLink] = useState<ChangeMade['invitation']>(null)
  const weighed = useWeighed(async ({ invitation }) => {
    setDraft(EMPTY)
    setTried(false)
    setLink(invitation)
    await queries.invalidateQueries({ queryKey: invitationsQuery.queryKey })
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (draft.grants.every(isWhole)) weighed.weigh({ kind: 'invitation', invitation: sent(draft) })
  }
  const set = (part: Partial<Draft>): void => {
    // What was shown is not what is asked any more.
    weighed.reset()
    setDraft({ ...draft, ...part })
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{ma.invitations.make()}</h2>
      <fieldset className="as-one" disabled={weighed.making}>
        <Field label={m.common.name()} hint={ma.invitations.nameHint()} value={draft.name} onChange={(name) => set({ name })} />
        <Field label={m.door.email()} type="email" value={draft.email} onChange={(email) => set({ email })} />
        <Groups chosen={draft.groups} onChange={(groups) => set({ groups })} />
        <Grants grants={draft.grants} tried={tried} onChange={(grants) => set({ grants })} />
        <Select
          label={ma.invitations.hours()}
          value={String(draft.hours)}
          options={HOURS.map((hours) => ({ value: String(hours), label: ma.invitations.hoursOf(hours) }))}
          onChange={(hours) => set({ hours: Number(hours) })}
        />
      </fieldset>
      <Button look={weighed.shown === undefined ? 'primary' : 'plain'} type="submit" pending={weighed.weighing}>
        {ma.changes.whatIf()}
      </Button>
      <Shown weighed={weighed} action={ma.invitations.make()} />
      {link === null ? null : (
        <OneTimeLink
          title={ma.invitations.madeTitle()}
          text={ma.invitations.madeText(link.expires)}
          path={link.path}
          onClose={() => setLink(null)}
        />
      )}
    </form>
  )
}

function sent({ name, email, groups, grants, hours }: Draft): NewInvitation {
  const [named, mail] = [name.trim(), email.trim()]
  return {
    ...(named === '' ? {} : { name: named }),
    ...(mail === '' ? {} : { email: mail }),
    groups: [...groups],
    grants: grants.map(asked),
    hours,
  }
}

function Groups({ chosen, onChange }: { chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void }) {
  const { data: groups = [] } = useQuery(groupsQuery)
  if (groups.length === 0) return null
  const tick = (id: string, on: boolean): void => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    onChange(next)
  }
  return (
    <fieldset className="choice">
      <legend>{ma.invitations.groups()}</legend>
      {groups.map(({ id, name }) => (
        <Tick key={id} value={chosen.has(id)} onChange={(on) => tick(id, on)}>
          <b>{name}</b>
        </Tick>
      ))}
    </fieldset>
  )
}

interface GrantsProps {
  grants: readonly Brought[]
  tried: boolean
  onChange: (grants: readonly Brought[]) => void
}

function Grants({ grants, tried, onChange }: GrantsProps) {
  const { data: roles = [] } = useQuery(rolesQuery)
  const change = (key: number, part: Partial<GrantDraft>): void =>
    onChange(grants.map((grant) => (grant.key === key ? { ...grant, ...part } : grant)))
  const add = (): void => onChange([...grants, { ...NO_GRANT, key: Math.max(0, ...grants.map(({ key }) => key)) + 1 }])
  return (
    <fieldset className="choice">
      <legend>{ma.invitations.grants()}</legend>
      <p className="hint">{ma.invitations.grantsHint()}</p>
      {grants.map((grant, at) => (
        <div key={grant.key} role="group" aria-label={ma.invitations.grantNumber(at + 1)} className="brought">
          <div className="section-head">
            <b>{ma.invitations.grantNumber(at + 1)}</b>
            <Button
              look="quiet"
              label={ma.invitations.dropGrant(grant.title || ma.invitations.grantNumber(at + 1))}
              onPress={() => onChange(grants.filter(({ key }) => key !== grant.key))}
            >
              <X size={14} aria-hidden />
            </Button>
          </div>
          <GrantFields draft={grant} roles={roles} tried={tried} administrators={false} onChange={(part) => change(grant.key, part)} />
        </div>
      ))}
      <div>
        <Button onPress={add}>{ma.invitations.addGrant()}</Button>
      </div>
    </fieldset>
  )
}
