import { useRef, type MouseEvent, type PointerEvent } from 'react'
import type { Point } from '../ui/Menu'

const HOLD_MS = 500
const SLIP_PX = 10

/** A finger that rests: what a right click is to a mouse. Browsers on iOS tell nobody by themselves. */
export function useLongPress(onHold: (target: Element, at: Point) => void) {
  const held = useRef<{ timer: ReturnType<typeof setTimeout>; at: Point } | undefined>(undefined)
  const done = useRef(false)
  const stop = (): void => {
    clearTimeout(held.current?.timer)
    held.current = undefined
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      stop()
      done.current = false
      const { target, clientX: x, clientY: y } = event
      if (event.pointerType !== 'touch' || !(target instanceof Element)) return
      const hold = (): void => {
        done.current = true
        onHold(target, { x, y })
      }
      held.current = { at: { x, y }, timer: setTimeout(hold, HOLD_MS) }
    },
    onPointerMove: (event: PointerEvent) => {
      const at = held.current?.at
      if (at !== undefined && Math.hypot(event.clientX - at.x, event.clientY - at.y) > SLIP_PX) stop()
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    /** The click that ends a long press opens nothing. */
    onClickCapture: (event: MouseEvent) => {
      if (done.current) event.stopPropagation()
      done.current = false
    },
  }
}
