/** What a quota is called, by what it is for. */
import type { Quota, QuotaUse } from '../api/types'
import { ma } from '../i18n/administration'

export function quotaName({ for: what, name }: Pick<Quota | QuotaUse, 'for' | 'name'>): string {
  switch (what.kind) {
    case 'person':
      return name ?? what.uid
    case 'group':
      return ma.grants.groupNamed(name ?? what.id)
    case 'location':
      return `${what.bucket}/${what.prefix}`
    case 'every-person':
      return ma.quotas.everyPerson()
  }
}
