/** What is told of a reason: by what somebody has a location, until when, and whom and what a refusal names. */
import type { Location } from '../api/types'
import { m } from '../i18n/messages'

export function source(by: Location['by']): string {
  switch (by.kind) {
    case 'own':
      return m.why.byOwn()
    case 'group':
      return m.why.byGroup(by.name)
    case 'everyone':
      return m.why.byEveryone()
  }
}

export function until(end: Location['until']): string | undefined {
  return end === null ? undefined : m.why.endsAt(end)
}

/** Where in the store what an ARN names is: `arn:aws:s3:::bucket/key`, or `bucket/key`. */
export function placeOf(resource: string): { bucket: string; key: string } {
  const inside = resource.replace(/^arn:[^:]*:s3:::/, '')
  const [bucket = ''] = inside.split('/')
  return { bucket: bucket === '*' ? '' : bucket, key: inside.slice(bucket.length + 1) }
}

/** The person whose role session an ARN names, by its uid; none, where it is another's. */
export function uidOf(principal: string): string | undefined {
  return /:assumed-role\/[^/]+\/u-([0-9a-z]{26})-/i.exec(principal)?.[1]
}
