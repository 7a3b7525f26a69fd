import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { giveGrant, removeGrant } from '../api/admin'
import type { Grant } from '../api/types'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { toast } from '../ui/toasts'
import { useUndo } from '../ui/useUndo'
import { ConfirmChange } from './ConfirmChange'
import { same } from './same'

interface Props {
  caption: string
  grants: readonly Grant[]
  /** Whether it is told to whom each is given. */
  subjects: boolean
}

/** Grants with who gave them, since when and until when; each can be taken away. */
export function GrantTable({ caption, grants, subjects }: Props) {
  const [removing, setRemoving] = useState<Grant>()
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{ma.grants.titleLabel()}</th>
            {subjects ? <th scope="col">{ma.grants.to()}</th> : null}
            <th scope="col">{ma.grants.role()}</th>
            <th scope="col">{ma.grants.prefix()}</th>
            <th scope="col">{ma.grants.until()}</th>
            <th scope="col" className="end">
              {m.common.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {grants.map((grant) => (
            <tr key={grant.id}>
              <th scope="row">
                <Name text={grant.title} /> <small className="soft">{given(grant)}</small>
              </th>
              {subjects ? <td data-label={ma.grants.to()}>{subject(grant)}</td> : null}
              <td data-label={ma.grants.role()}>{grant.role}</td>
              <td data-label={ma.grants.prefix()}>
                <code>{grant.prefix === '' ? `${grant.bucket} (${ma.grants.wholeBucket()})` : `${grant.bucket}/${grant.prefix}`}</code>
              </td>
              <td data-label={ma.grants.until()}>
                <End grant={grant} />
              </td>
              <td className="end">
                <Button look="quiet" label={ma.grants.remove(grant.title)} onPress={() => setRemoving(grant)}>
                  <Trash2 size={16} aria-hidden />
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {removing === undefined ? null : <RemoveGrant grant={removing} onClose={() => setRemoving(undefined)} />}
    </>
  )
}

function given({ created, given_by }: Grant): string {
  return given_by === null ? ma.grants.since(created) : ma.grants.givenBy(given_by.name ?? given_by.uid, created)
}

function subject({ subject }: Grant): string {
  switch (subject.kind) {
    case 'person':
      return subject.name ?? subject.uid
    case 'group':
      return ma.grants.groupNamed(subject.name ?? subject.id)
    case 'everyone':
      return ma.grants.toEveryone()
  }
}

function End({ grant: { ends, ended } }: { grant: Grant }) {
  if (ends === null) return <>{ma.grants.noEnd()}</>
  return ended ? <span className="pill pill-warn">{ma.grants.ended(ends)}</span> : <>{dateTime(ends)}</>
}

function RemoveGrant({ grant, onClose }: { grant: Grant; onClose: () => void }) {
  const undoable = useUndo([['grants']])
  const removed = (): void => {
    // What has ended cannot be given again.
    if (grant.ended) toast(ma.grants.removed())
    else undoable(ma.grants.removed(), () => giveGrant(same(grant)), ma.grants.restored())
  }
  return (
    <ConfirmChange
      title={ma.grants.removeTitle(grant.title)}
      action={ma.grants.removeConfirm()}
      takes
      change={{ kind: 'grant-removal', id: grant.id }}
      unshown={() => removeGrant(grant.id)}
      onMade={removed}
      onClose={onClose}
    >
      <p>{ma.grants.removeText()}</p>
    </ConfirmChange>
  )
}
