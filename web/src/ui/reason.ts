/** What is told of a reason: by what somebody has a location, until when, and whom and what a refusal names. */
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

/** The key that an ARN names, or `bucket/key`; empty where it is a bucket. */
export function keyOf(resource: string): string {
  const inside = resource.replace(/^arn:[^:]*:s3:::/, '')
  const at = inside.indexOf('/')
  return at < 0 ? '' : inside.slice(at + 1)
}

/** The person whose role session an ARN names, by its uid; none, where it is another's. */
export function uidOf(principal: string): string | undefined {
  return /:assumed-role\/[^/]+\/u-([0-9a-z]{26})-/i.exec(principal)?.[1]
}
