import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { groupsQuery, peopleQuery, rolesQuery } from '../api/admin'
import type { GrantTo, Group, NewGrant, PersonRow } from '../api/types'
import { ma } from '../i18n/administration'
import { Button } from '../ui/Button'
import { Choice } from '../ui/Choice'
import { Failure, Notice } from '../ui/Notice'
import { Select } from '../ui/Select'
import { toast } from '../ui/toasts'
import { Bucket } from './Bucket'
import { asked, GrantFields, isWhole, NO_GRANT, type GrantDraft } from './GrantFields'
import { Shown } from './Shown'
import { useWeighed } from './weighed'

type Kind = GrantTo['kind']

interface Draft extends GrantDraft {
  kind: Kind
  uid: string
  group: string
  /** The estate's first, where it is empty. */
  bucket: string
}

const EMPTY: Draft = { ...NO_GRANT, kind: 'person', uid: '', group: '', bucket: '' }

/** The form that gives a role somewhere; the least powerful role is preselected. With `uid`, to that person alone. */
export function GrantForm({ uid }: { uid?: string }) {
  const { data: roles = [], error } = useQuery(rolesQuery)
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, uid: uid ?? '' })
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const weighed = useWeighed(async () => {
    toast(ma.grants.added())
    setDraft({ ...draft, prefix: '', title: '', until: '' })
    setTried(false)
    await queries.invalidateQueries({ queryKey: ['grants'] })
  })
  if (error) return <Failure title={ma.roles.failed()} error={error} />
  const wanted = (): NewGrant | undefined => {
    const to = receiver(draft)
    const bucket = draft.bucket === '' ? {} : { bucket: draft.bucket }
    return to !== undefined && isWhole(draft) ? { to, ...bucket, ...asked(draft) } : undefined
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    const grant = wanted()
    if (grant !== undefined) weighed.weigh({ kind: 'grant', grant })
  }
  const set = (part: Partial<Draft>): void => {
    // What was shown is not what is asked any more.
    weighed.reset()
    setDraft({ ...draft, ...part })
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{ma.grants.add()}</h2>
      {tried && receiver(draft) === undefined ? <Notice tone="bad">{ma.grants.toMissing()}</Notice> : null}
      <fieldset className="as-one" disabled={weighed.making}>
        {uid === undefined ? <Receiver draft={draft} onChange={set} /> : null}
        <Bucket chosen={draft.bucket} onChange={(bucket) => set({ bucket })} />
        <GrantFields draft={draft} roles={roles} tried={tried} administrators onChange={set} />
      </fieldset>
      <div className="policy-end">
        <Button look={weighed.shown === undefined ? 'primary' : 'plain'} type="submit" pending={weighed.weighing}>
          {ma.changes.whatIf()}
        </Button>
      </div>
      <Shown weighed={weighed} action={ma.grants.add()} />
    </form>
  )
}

function Receiver({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const { data: people = [] } = useQuery(peopleQuery)
  const { data: groups = [] } = useQuery(groupsQuery)
  const kinds: readonly { value: Kind; label: string; text: string }[] = [
    { value: 'person', label: ma.grants.toPerson(), text: ma.grants.toPersonText() },
    { value: 'group', label: ma.grants.toGroup(), text: ma.grants.toGroupText() },
    { value: 'everyone', label: ma.grants.toEveryone(), text: ma.grants.toEveryoneText() },
  ]
  return (
    <>
      <Choice label={ma.grants.to()} value={draft.kind} options={kinds} onChange={(kind) => onChange({ kind })} />
      {draft.kind === 'person' ? (
        <Select label={ma.grants.toPerson()} value={draft.uid} options={persons(people)} onChange={(uid) => onChange({ uid })} />
      ) : null}
      {draft.kind === 'group' && groups.length > 0 ? (
        <Select label={ma.grants.toGroup()} value={draft.group} options={named(groups)} onChange={(group) => onChange({ group })} />
      ) : null}
      {draft.kind === 'group' && groups.length === 0 ? <Notice tone="calm">{ma.groups.none()}</Notice> : null}
    </>
  )
}

function persons(people: readonly PersonRow[]): { value: string; label: string }[] {
  return people.map(({ uid, name }) => ({ value: uid, label: name }))
}

function named(groups: readonly Group[]): { value: string; label: string }[] {
  return groups.map(({ id, name }) => ({ value: id, label: name }))
}

function receiver({ kind, uid, group }: Draft): GrantTo | undefined {
  switch (kind) {
    case 'person':
      return uid === '' ? undefined : { kind, uid }
    case 'group':
      return group === '' ? undefined : { kind, id: group }
    case 'everyone':
      return { kind }
  }
}
