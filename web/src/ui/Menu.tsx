import { useRef, type ReactNode } from 'react'
import { Button as AriaButton, Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { visibleName } from '../i18n/visible'
import { Button } from './Button'
import type { Command } from './commands'
import { toast } from './toasts'

interface Props {
  label: string
  trigger: ReactNode
  actions: readonly Command[]
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
          {actions.map(item)}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}

export interface Point {
  x: number
  y: number
}

interface ContextProps {
  at: Point
  label: string
  actions: readonly Command[]
  onClose: () => void
}

/** A menu at a point of the window, open for as long as it is rendered. */
export function ContextMenu({ at, label, actions, onClose }: ContextProps) {
  const anchor = useRef<HTMLSpanElement>(null)
  return (
    <>
      <span ref={anchor} className="menu-anchor" style={{ left: at.x, top: at.y }} aria-hidden />
      <Popover
        className="pop"
        aria-label={label}
        isOpen
        triggerRef={anchor}
        placement="bottom start"
        offset={2}
        onOpenChange={(open) => !open && onClose()}
      >
        <AriaMenu className="list" aria-label={label} autoFocus="first" onClose={onClose}>
          {actions.map(item)}
        </AriaMenu>
      </Popover>
    </>
  )
}

/** What cannot be done now is grey, but can be reached, so that the reason is read. */
export function item(action: Command): ReactNode {
  const { id, icon, keys, reason, onAction } = action
  const label = visibleName(action.label)
  return (
    <MenuItem
      key={id}
      id={id}
      textValue={label}
      className="item"
      {...(reason === undefined ? {} : { 'data-idle': true })}
      onAction={reason === undefined ? onAction : () => toast(reason)}
    >
      {icon}
      <span className="item-text">
        <span className="item-label">{label}</span>
        {reason === undefined ? null : <small>{reason}</small>}
      </span>
      {keys === undefined ? null : <kbd>{keys}</kbd>}
    </MenuItem>
  )
}
