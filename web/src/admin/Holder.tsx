/** Who holds a grant, by name. */
import type { WhoGrant } from '../api/types'
import { ma } from '../i18n/administration'
import { Name } from '../ui/Name'

export function Holder({ subject }: { subject: WhoGrant['subject'] }) {
  switch (subject.kind) {
    case 'person':
      return <Name text={subject.name ?? subject.uid} />
    case 'persons':
      return <>{ma.reach.eachByName()}</>
    case 'group':
      return <Name text={ma.grants.groupNamed(subject.name ?? subject.id)} />
    case 'everyone':
      return <>{ma.grants.toEveryone()}</>
  }
}
