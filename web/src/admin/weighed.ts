/** A change that is weighed, shown, and made as it was shown. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { makeChange, previewChange } from '../api/changes'
import { isProblem } from '../api/problem'
import type { ChangeForm, ChangeMade, ChangeSet } from '../api/types'
import { ma } from '../i18n/administration'
import { withProof } from '../ui/step-up'

/** What the server says where something has changed since the change was shown. */
const OUTDATED = ['access-changed', 'change-differs'] as const

/** Whether nothing was done because something has changed since the change was shown. */
export function isOutdated(error: unknown): boolean {
  return OUTDATED.some((code) => isProblem(error, code))
}

export interface Weighed {
  /** What is shown: of this change. */
  shown: { change: ChangeForm; set: ChangeSet } | undefined
  weigh: (change: ChangeForm) => void
  make: (note?: string) => void
  reset: () => void
  weighing: boolean
  making: boolean
  error: Error | null
  /** Whether it was weighed again by itself, for something has changed since it was shown. */
  again: boolean
}

/** Where something has changed meanwhile, nothing was made: it is weighed again by itself, and shown as it is now. */
export function useWeighed(onMade: (made: ChangeMade, change: ChangeForm) => Promise<void>): Weighed {
  const [again, setAgain] = useState(false)
  const weigh = useMutation({ mutationFn: async (change: ChangeForm) => ({ change, set: await previewChange(change) }) })
  const shown = weigh.data
  const make = useMutation({
    mutationFn: (order: { change: ChangeForm; digest: string; note: string }) =>
      withProof(() => makeChange(order.change, order.digest, order.note)),
    onSuccess: async (made, { change }) => {
      setAgain(false)
      weigh.reset()
      await onMade(made, change)
    },
    onError: (error, { change }) => {
      if (!isOutdated(error)) return
      setAgain(true)
      weigh.mutate(change)
    },
  })
  const start = (change: ChangeForm): void => {
    setAgain(false)
    make.reset()
    weigh.mutate(change)
  }
  const order = (note = ''): void => {
    if (shown !== undefined) make.mutate({ change: shown.change, digest: shown.set.digest, note })
  }
  const reset = (): void => {
    setAgain(false)
    make.reset()
    weigh.reset()
  }
  const error = weigh.error ?? (again ? null : make.error)
  return { shown, weigh: start, make: order, reset, weighing: weigh.isPending, making: make.isPending, error, again }
}

/** Why what is shown cannot be made here. */
export function standsAgainst({ refusals, operator }: ChangeSet): string | undefined {
  if (refusals.length > 0) return ma.changes.refusedReason()
  return operator === null ? undefined : ma.changes.operatorReason()
}
