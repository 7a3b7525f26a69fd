import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, type ReactNode } from 'react'
import type { ChangeForm, ChangeMade } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { ChangeSetView } from './ChangeSetView'
import { standsAgainst, useWeighed } from './weighed'

interface Props {
  title: string
  action: string
  /** Whether it takes something away. */
  takes: boolean
  change: ChangeForm
  children?: ReactNode
  onMade: (made: ChangeMade) => void
  onClose: () => void
}

/** Shows who gains and who loses what by a change, and makes it as it was shown. */
export function ConfirmChange({ title, action, takes, change, children, onMade, onClose }: Props) {
  const queries = useQueryClient()
  const weighed = useWeighed(async (made) => {
    onMade(made)
    onClose()
    await Promise.all([['grants'], ['groups'], ['access-requests']].map((queryKey) => queries.invalidateQueries({ queryKey })))
  })
  const asked = useRef(false)
  const { weigh } = weighed
  useEffect(() => {
    if (asked.current) return
    asked.current = true
    weigh(change)
  }, [weigh, change])
  const { shown } = weighed
  return (
    <Dialog title={title} onClose={onClose} alert wide>
      {children}
      {weighed.weighing ? <Loading /> : null}
      {weighed.error ? <Notice tone="bad">{describe(weighed.error)}</Notice> : null}
      {weighed.again ? <Notice tone="warn">{ma.changes.again()}</Notice> : null}
      {shown === undefined ? null : <ChangeSetView set={shown.set} />}
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.cancel()}
        </Button>
        <Button
          look={takes ? 'danger' : 'primary'}
          onPress={() => weighed.make()}
          pending={weighed.making || weighed.weighing}
          reason={shown === undefined ? ma.changes.notShown() : standsAgainst(shown.set)}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
