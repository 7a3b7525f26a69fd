/** What is said to administrators alone, in English. This object is the type that other languages must fill. */
import { audit } from './audit'
import { changes } from './changes'
import { deciding } from './deciding'
import { linking } from './linking'
import { mail } from './outbox'
import { grants, groups, invitations, people, roles, settings } from './people'
import { posture } from './posture'
import { quarantine } from './quarantine'
import { quotas } from './quotas'
import { reach, seeing } from './reach'
import { simulator } from './simulator'
import { usage } from './usage'

export const en = {
  people,
  grants,
  groups,
  invitations,
  settings,
  roles,
  deciding,
  quarantine,
  quotas,
  posture,
  linking,
  mail,
  audit,
  simulator,
  reach,
  seeing,
  changes,
  usage,
}
