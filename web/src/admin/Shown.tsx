import { ma } from '../i18n/administration'
import { Button } from '../ui/Button'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { ChangeSetView } from './ChangeSetView'
import { standsAgainst, type Weighed } from './weighed'

/** What a change comes to, below the form that asks for it, and the button that makes it as it is shown. */
export function Shown({ weighed, action }: { weighed: Weighed; action: string }) {
  const { shown, error } = weighed
  return (
    <>
      {error ? <Notice tone="bad">{describe(error)}</Notice> : null}
      {weighed.again ? <Notice tone="warn">{ma.changes.again()}</Notice> : null}
      {shown === undefined ? null : (
        <>
          <ChangeSetView set={shown.set} />
          <div className="policy-end">
            <Button look="primary" onPress={() => weighed.make()} pending={weighed.making || weighed.weighing} reason={standsAgainst(shown.set)}>
              {action}
            </Button>
          </div>
        </>
      )}
    </>
  )
}
