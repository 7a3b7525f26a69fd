/** Why something cannot be done here, or with what is selected; `undefined` if it can. */
import type { Permission } from '../api/types'
import { m } from '../i18n/messages'
import { refusalOf } from '../ui/Why'

export interface May {
  get?: Permission | undefined
  put?: Permission | undefined
  delete?: Permission | undefined
}

export function refusal(permission: Permission | undefined): string | undefined {
  if (permission === undefined) return m.common.loading()
  return permission.allowed ? undefined : refusalOf(permission.explanation)
}

/** A link opens one file or one folder. */
export function shareReason(permission: Permission | undefined, selected: ReadonlySet<string>): string | undefined {
  return refusal(permission) ?? (selected.size === 1 ? undefined : m.links.selectOne())
}

export function selectionReason(permission: Permission | undefined, selected: ReadonlySet<string>): string | undefined {
  return refusal(permission) ?? (selected.size === 0 ? m.files.selectFirst() : undefined)
}
