import { useId, type ReactNode } from 'react'
import { Button as AriaButton, type PressEvent } from 'react-aria-components'
import { Hint } from './Tooltip'

type Look = 'plain' | 'primary' | 'danger' | 'quiet'

interface Props {
  children: ReactNode
  onPress?: ((event: PressEvent) => void) | undefined
  look?: Look | undefined
  type?: 'button' | 'submit' | undefined
  /** Busy: stays focusable, says so, and does nothing. */
  pending?: boolean | undefined
  /** Why it cannot be pressed now. The button greys, but can still be reached, so that the reason can be read. */
  reason?: string | undefined
  /** The accessible name, for a button that shows only an icon; it is shown as a tooltip. */
  label?: string | undefined
  slot?: string | undefined
  pressed?: boolean | undefined
  autoFocus?: boolean | undefined
}

export function Button({ children, onPress, look = 'plain', type = 'button', pending, reason, label, slot, pressed, autoFocus }: Props) {
  const describedBy = useId()
  const idle = reason !== undefined || pending === true
  const button = (
    <AriaButton
      className={`btn btn-${look}${label === undefined ? '' : ' btn-icon'}`}
      type={idle ? 'button' : type}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(slot === undefined ? {} : { slot })}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...(reason === undefined ? {} : { 'aria-describedby': describedBy })}
      aria-disabled={idle}
      autoFocus={autoFocus === true}
      {...(idle || onPress === undefined ? {} : { onPress })}
    >
      {children}
    </AriaButton>
  )
  const tip = reason ?? label
  return (
    <>
      {tip === undefined ? button : <Hint text={tip}>{button}</Hint>}
      {reason === undefined ? null : (
        <span id={describedBy} className="hidden-text" aria-hidden="true">
          {reason}
        </span>
      )}
    </>
  )
}
