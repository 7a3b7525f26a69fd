import { lastDay } from '../api/admin'
import type { Role } from '../api/types'
import { ma } from '../i18n/administration'
import { Field } from '../ui/Field'
import { Select } from '../ui/Select'

export const ADMINISTRATORS = 'AdminRole'

/** The estate's other roles belong to the portal, to instances and to AWS; no person can hold them. */
const FOR_PERSONS: ReadonlySet<string> = new Set(['RegularUserRole', 'S3AccessRole', 'UploadRole', ADMINISTRATORS])

/** Which role somebody is to have, where and until when. */
export interface GrantDraft {
  role: string
  prefix: string
  title: string
  until: string
}

/** The least powerful role is preselected. */
export const NO_GRANT: GrantDraft = { role: 'RegularUserRole', prefix: '', title: '', until: '' }

export interface GrantFaults {
  prefix: string | undefined
  title: string | undefined
}

export function faults({ prefix, title }: GrantDraft): GrantFaults {
  const open = prefix.trim() !== '' && !prefix.trim().endsWith('/')
  return {
    prefix: open ? ma.grants.prefixHint() : undefined,
    title: title.trim() === '' ? ma.grants.titleMissing() : undefined,
  }
}

export function isWhole(draft: GrantDraft): boolean {
  const { prefix, title } = faults(draft)
  return prefix === undefined && title === undefined
}

/** The draft as it is sent. */
export function asked({ role, prefix, title, until }: GrantDraft): { role: string; prefix: string; title: string; ends?: string } {
  const ends = role === ADMINISTRATORS ? undefined : lastDay(until)
  return { role, prefix: prefix.trim(), title: title.trim(), ...(ends === undefined ? {} : { ends }) }
}

interface Props {
  draft: GrantDraft
  roles: readonly Role[]
  /** Whether what is wrong is told. */
  tried: boolean
  /** Whether it may be the role of administrators. */
  administrators: boolean
  onChange: (part: Partial<GrantDraft>) => void
}

export function GrantFields({ draft, roles, tried, administrators, onChange }: Props) {
  const wrong = faults(draft)
  const offered = roles.filter(({ name }) => FOR_PERSONS.has(name) && (administrators || name !== ADMINISTRATORS))
  return (
    <>
      <Select
        label={ma.grants.role()}
        value={draft.role}
        options={offered.map(({ name }) => ({ value: name, label: name }))}
        hint={purposeOf(roles, draft.role)}
        onChange={(role) => onChange({ role })}
      />
      <Field
        label={ma.grants.prefix()}
        hint={ma.grants.prefixHint()}
        value={draft.prefix}
        onChange={(prefix) => onChange({ prefix })}
        error={tried ? wrong.prefix : undefined}
        mono
      />
      <Field
        label={ma.grants.titleLabel()}
        hint={ma.grants.titleHint()}
        value={draft.title}
        onChange={(title) => onChange({ title })}
        error={tried ? wrong.title : undefined}
        required
      />
      {draft.role === ADMINISTRATORS ? null : (
        <Field
          label={ma.grants.until()}
          hint={ma.grants.untilHint()}
          type="date"
          value={draft.until}
          onChange={(until) => onChange({ until })}
        />
      )}
    </>
  )
}

function purposeOf(roles: readonly Role[], name: string): string | undefined {
  const role = roles.find((r) => r.name === name)
  return role === undefined ? undefined : ma.roles.purpose(role.purpose)
}
