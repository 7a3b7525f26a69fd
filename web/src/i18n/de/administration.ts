/** Was nur Administratoren gesagt wird, auf Deutsch. */
import type { AdministrationMessages } from '../administration'
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

export const de: AdministrationMessages = {
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
