import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { changeSetQuery, makeChange } from '../api/changes'
import type { ChangeForm, ChangeMade } from '../api/types'
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
  children?: ReactNode
  onMade: (made: ChangeMade) => void
  onClose: () => void
}

/** Shows who gains and who loses what by a change, and makes it as it was shown. */
export function ConfirmChange({ title, action, takes, change, children, onMade, onClose }: Props) {
  const queries = useQueryClient()
  const [again, setAgain] = useState(false)
  const { data: set, error, isFetching, refetch } = useQuery(changeSetQuery(change))
  const make = useMutation({
    mutationFn: (digest: string) => withProof(() => makeChange(change, digest, '')),
    onSuccess: async (made) => {
      onMade(made)
      onClose()
      await Promise.all([['grants'], ['groups'], ['access-requests']].map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
    onError: (failed) => {
      if (!isOutdated(failed)) return
      setAgain(true)
      void refetch()
    },
  })
  const failed = error ?? (isOutdated(make.error) ? null : make.error)
  return (
    <Dialog title={title} onClose={onClose} alert wide>
      {children}
      {isFetching ? <Loading /> : null}
      {failed ? <Notice tone="bad">{describe(failed)}</Notice> : null}
      {again ? <Notice tone="warn">{ma.changes.again()}</Notice> : null}
      {set === undefined ? null : <ChangeSetView set={set} />}
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.cancel()}
        </Button>
        <Button
          look={takes ? 'danger' : 'primary'}
          onPress={() => set !== undefined && make.mutate(set.digest)}
          pending={make.isPending || isFetching}
          reason={set === undefined ? ma.changes.notShown() : standsAgainst(set)}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
