import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Pencil, Trash2, UsersRound, X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { addMember, deleteGroup, groupsQuery, makeGroup, peopleQuery, removeMember, renameGroup } from '../api/admin'
import type { Group } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { Select } from '../ui/Select'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { useUndo } from '../ui/useUndo'
import { ConfirmChange } from './ConfirmChange'

/** Groups: what is granted to one counts for whoever is in it. */
export function GroupsPage() {
  const { data, error, isPending, refetch } = useQuery(groupsQuery)
  return (
    <Page title={ma.groups.title()} text={ma.groups.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.groups.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? (
        <Blank icon={<UsersRound size={30} strokeWidth={1.6} aria-hidden />} title={ma.groups.none()}>
          <p>{ma.groups.noneText()}</p>
        </Blank>
      ) : null}
      {data?.map((group) => <GroupSection key={group.id} group={group} />)}
      <MakeGroup />
    </Page>
  )
}

/** Does something, and shows the groups as they are then. */
function useChange<T>(change: (what: T) => Promise<void>, done: (what: T) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (what: T) => withProof(() => change(what)),
    onSuccess: async (_, what) => {
      done(what)
      await queries.invalidateQueries({ queryKey: groupsQuery.queryKey })
      await queries.invalidateQueries({ queryKey: ['grants'] })
    },
  })
}

function MakeGroup() {
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const make = useChange(makeGroup, (made: string) => toast(ma.groups.made(made)))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (name.trim() === '') return
    make.mutate(name.trim(), {
      onSuccess: () => {
        setName('')
        setTried(false)
      },
    })
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{ma.groups.make()}</h2>
      <Field
        label={ma.groups.name()}
        value={name}
        onChange={setName}
        error={make.error ? describe(make.error) : tried && name.trim() === '' ? ma.groups.nameMissing() : undefined}
        required
      />
      <Button look="primary" type="submit" pending={make.isPending}>
        {ma.groups.make()}
      </Button>
    </form>
  )
}

function GroupSection({ group }: { group: Group }) {
  const [asking, setAsking] = useState<'rename' | 'delete'>()
  const undoable = useUndo([groupsQuery.queryKey, ['grants']])
  const leave = useChange(
    ({ uid }: { uid: string; name: string }) => removeMember(group.id, uid),
    ({ uid, name }) =>
      undoable(ma.groups.left(name, group.name), () => addMember(group.id, uid), ma.groups.joined(name, group.name)),
  )
  return (
    <section className="section" aria-label={group.name}>
      <div className="section-head">
        <h2>{group.name}</h2>
        <span className="row-actions">
          <Button look="quiet" label={ma.groups.rename(group.name)} onPress={() => setAsking('rename')}>
            <Pencil size={16} aria-hidden />
          </Button>
          <Button look="quiet" label={ma.groups.delete(group.name)} onPress={() => setAsking('delete')}>
            <Trash2 size={16} aria-hidden />
          </Button>
        </span>
      </div>
      {leave.error ? <Notice tone="bad">{describe(leave.error)}</Notice> : null}
      {group.members.length === 0 ? <p className="soft">{ma.groups.nobody()}</p> : null}
      <ul className="members">
        {group.members.map(({ uid, name, added }) => (
          <li key={uid} title={ma.grants.since(added)}>
            {name ?? uid}
            <Button
              look="quiet"
              label={ma.groups.takeOut(name ?? uid, group.name)}
              onPress={() => leave.mutate({ uid, name: name ?? uid })}
            >
              <X size={14} aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <AddMember group={group} />
      {asking === 'rename' ? <Rename group={group} onClose={() => setAsking(undefined)} /> : null}
      {asking === 'delete' ? <Delete group={group} onClose={() => setAsking(undefined)} /> : null}
    </section>
  )
}

function AddMember({ group }: { group: Group }) {
  const { data: people = [] } = useQuery(peopleQuery)
  const inside = new Set(group.members.map(({ uid }) => uid))
  const outside = people.filter(({ uid }) => !inside.has(uid))
  const [joining, setJoining] = useState<{ uid: string; name: string }>()
  if (outside.length === 0) return null
  return (
    <div className="narrow">
      <Select
        label={ma.groups.putInto(group.name)}
        value=""
        options={outside.map(({ uid, name }) => ({ value: uid, label: name }))}
        onChange={(uid) => setJoining({ uid, name: outside.find((p) => p.uid === uid)?.name ?? uid })}
      />
      {joining === undefined ? null : (
        <ConfirmChange
          title={ma.groups.joinTitle(joining.name, group.name)}
          action={ma.groups.joinConfirm()}
          takes={false}
          change={{ kind: 'group-member', group: group.id, uid: joining.uid }}
          onMade={() => toast(ma.groups.joined(joining.name, group.name))}
          onClose={() => setJoining(undefined)}
        />
      )}
    </div>
  )
}

function Rename({ group, onClose }: { group: Group; onClose: () => void }) {
  const [name, setName] = useState(group.name)
  const rename = useChange((to: string) => renameGroup(group.id, to), (to) => toast(ma.groups.renamed(to)))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') rename.mutate(name.trim(), { onSuccess: onClose })
  }
  return (
    <Dialog title={ma.groups.rename(group.name)} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Field
          label={ma.groups.name()}
          value={name}
          onChange={setName}
          error={rename.error ? describe(rename.error) : undefined}
          required
          autoFocus
        />
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="primary" type="submit" pending={rename.isPending}>
            {m.common.save()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Delete({ group, onClose }: { group: Group; onClose: () => void }) {
  return (
    <ConfirmChange
      title={ma.groups.deleteTitle(group.name)}
      action={ma.groups.deleteConfirm()}
      takes
      change={{ kind: 'group-removal', id: group.id }}
      unshown={() => deleteGroup(group.id)}
      onMade={() => toast(ma.groups.deleted(group.name))}
      onClose={onClose}
    >
      <p>{ma.groups.deleteText(group.members.length)}</p>
    </ConfirmChange>
  )
}
