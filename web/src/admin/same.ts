/** A grant that was taken away, to be given again. */
import type { Grant, GrantTo, NewGrant } from '../api/types'

/** The same grant, with its bucket and its end. */
export function same({ subject, role, bucket, prefix, title, ends }: Grant): NewGrant {
  return { to: receiver(subject), role, bucket, prefix, title, ...(ends === null ? {} : { ends }) }
}

function receiver(subject: Grant['subject']): GrantTo {
  switch (subject.kind) {
    case 'person':
      return { kind: 'person', uid: subject.uid }
    case 'group':
      return { kind: 'group', id: subject.id }
    case 'everyone':
      return { kind: 'everyone' }
  }
}
