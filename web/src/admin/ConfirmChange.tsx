import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { changeSetQuery, makeChange } from '../api/changes'
import type { ChangeForm, ChangeSet } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { ChangeSetView } from './ChangeSetView'
import { isOutdated, standsAgainst } from './weighed'

interface Props {
  title: string
  action: string
  /** Whether it takes something away. */
  takes: boolean
  change: ChangeForm
  /** Makes it where it cannot be shown: what takes away must not wait for that. */
  unshown?: () => Promise<void>
  children?: ReactNode
  onMade: () => void
  onClose: () => void
}

/** Shows who gains and who loses what by a change, and makes it as it was shown. */
export function ConfirmChange({ title, action, takes, change, unshown, children, onMade, onClose }: Props) {
  const queries = useQueryClient()
  const [again, setAgain] = useState(false)
  const { data: set, error, isFetching, refetch } = useQuery(changeSetQuery(change))
  const make = useMutation({
    mutationFn: (order: () => Promise<unknown>) => withProof(order),
    onSuccess: async () => {
      onMade()
      onClose()
      await Promise.all([['grants'], ['groups'], ['access-requests']].map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
    onError: (failed) => {
      const outdated = isOutdated(failed)
      if (outdated) setAgain(true)
      if (outdated || unshown !== undefined) void refetch()
    },
  })
  const blind = error !== null && !isFetching ? unshown : undefined
  const order = blind ?? (set === undefined ? undefined : () => makeChange(change, set.digest, ''))
  const failed = (isOutdated(make.error) ? null : make.error) ?? error
  return (
    <Dialog title={title} onClose={onClose} alert wide>
      {children}
      {isFetching ? <Loading /> : null}
      {failed ? <Notice tone="bad">{describe(failed)}</Notice> : null}
      {again ? <Notice tone="warn">{ma.changes.again()}</Notice> : null}
      {blind === undefined ? null : <Notice tone="warn">{ma.changes.unshown()}</Notice>}
      {set === undefined || blind !== undefined ? null : <ChangeSetView set={set} />}
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.cancel()}
        </Button>
        <Button
          look={takes ? 'danger' : 'primary'}
          onPress={() => order !== undefined && make.mutate(order)}
          pending={make.isPending || isFetching}
          reason={blind === undefined ? reasonAgainst(set) : undefined}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  )
}

function reasonAgainst(set: ChangeSet | undefined): string | undefined {
  return set === undefined ? ma.changes.notShown() : standsAgainst(set)
}
