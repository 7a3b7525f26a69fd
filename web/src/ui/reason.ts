/** By what somebody has a location, and until when, in words. */
import type { Location } from '../api/types'
import { m } from '../i18n/messages'

export function source(by: Location['by']): string {
  switch (by.kind) {
    case 'own':
      return m.grants.byOwn()
    case 'group':
      return m.grants.byGroup(by.name)
    case 'everyone':
      return m.grants.byEveryone()
  }
}

export function until(end: Location['until']): string | undefined {
  return end === null ? undefined : m.grants.endsAt(end)
}
