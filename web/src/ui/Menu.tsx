import type { ReactNode } from 'react'
import { Button as AriaButton, Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Button } from './Button'

export interface MenuAction {
  id: string
  label: string
  icon?: ReactNode
  onAction: () => void
}

interface Props {
  label: string
  trigger: ReactNode
  actions: readonly MenuAction[]
  look?: 'plain' | 'primary' | 'quiet'
  /** Why nothing in it can be used now; greys the trigger. */
  reason?: string | undefined
  /** Shows only an icon; `label` is then its name. */
  icon?: boolean
}

export function Menu({ label, trigger, actions, look = 'plain', reason, icon = false }: Props) {
  if (reason !== undefined) {
    return (
      <Button look={look} reason={reason} label={icon ? label : undefined}>
        {trigger}
      </Button>
    )
  }
  return (
    <MenuTrigger>
      <AriaButton className={`btn btn-${look}${icon ? ' btn-icon' : ''}`} {...(icon ? { 'aria-label': label } : {})}>
        {trigger}
      </AriaButton>
      <Popover className="pop" placement="bottom end">
        <AriaMenu className="list" aria-label={label}>
          {actions.map((action) => (
            <MenuItem key={action.id} id={action.id} className="item" onAction={action.onAction}>
              {action.icon}
              {action.label}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
