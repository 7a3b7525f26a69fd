import type { Virtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, type RefObject } from 'react'
import { m } from '../i18n/messages'
import { toast } from '../ui/toasts'
import { isNextGrid } from './continuing'
import type { GridProps } from './FileGrid'
import { rememberedScroll, rememberScroll } from './views'

/** Brings the row that the address names into sight, or scrolls to where the folder was left. */
export function useRemembered(
  { place, keys, complete, reveal, onSelect }: GridProps,
  scroller: RefObject<HTMLDivElement | null>,
  virtual: Virtualizer<HTMLDivElement, Element>,
): void {
  const settled = useRef<{ reveal: string | undefined }>(undefined)
  useLayoutEffect(() => {
    if (isNextGrid()) scroller.current?.focus({ preventScroll: true })
  }, [scroller])
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || (settled.current !== undefined && settled.current.reveal === reveal)) return
    const index = reveal === undefined ? -1 : keys.indexOf(reveal)
    if (index >= 0 && reveal !== undefined) {
      onSelect({ kind: 'only', key: reveal })
      virtual.scrollToIndex(index, { align: 'center' })
    } else if (reveal === undefined) {
      const top = rememberedScroll(place)
      element.scrollTo({ top })
      // Not as far yet: more rows come.
      if (Math.abs(element.scrollTop - top) > 1 && !complete) return
    } else if (complete) toast(m.files.notHere(reveal))
    else return
    settled.current = { reveal }
  }, [keys, complete, reveal, place, onSelect, virtual, scroller])
  useLayoutEffect(() => {
    const element = scroller.current
    const note = (): void => {
      if (settled.current !== undefined) rememberScroll(place, element?.scrollTop ?? 0)
    }
    element?.addEventListener('scroll', note, { passive: true })
    return () => element?.removeEventListener('scroll', note)
  }, [place, scroller])
}
