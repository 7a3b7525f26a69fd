import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { endWatch, setWatch, watchesQuery } from '../api/watches'
import type { NewWatch, Watch, Watches } from '../api/types'
import { mActivity } from '../i18n/activity'
import { language, m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Choice } from '../ui/Choice'
import { Dialog } from '../ui/Dialog'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

interface Props {
  location: string
  /** Empty, or it ends in a slash. */
  path: string
  name: string
  onClose: () => void
}

/** Begins, changes or ends a watch of a folder; where no mail would come it says why. */
export function WatchFolder({ location, path, name, onClose }: Props) {
  const { data, error, isPending, refetch } = useQuery(watchesQuery)
  const known = data?.watches.find((watch) => watch.location === location && watch.path === path)
  return (
    <Dialog title={mActivity.watch.dialog(name)} onClose={onClose}>
      <p>{mActivity.watch.dialogText()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={mActivity.watch.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Form mail={data.mail} known={known} place={{ location, path }} onClose={onClose} />}
      <p>
        <Link to="/watches" search={{}} className="link">
          {mActivity.watch.all()}
        </Link>
      </p>
    </Dialog>
  )
}

interface FormProps {
  mail: Watches['mail']
  known: Watch | undefined
  place: { location: string; path: string }
  onClose: () => void
}

function Form({ mail, known, place, onClose }: FormProps) {
  const queries = useQueryClient()
  const [rhythm, setRhythm] = useState<Watch['rhythm']>(known?.rhythm ?? 'soon')
  const done = (said: string) => async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: watchesQuery.queryKey })
    toast(said)
    onClose()
  }
  const set = useMutation({ mutationFn: (wish: NewWatch) => setWatch(wish), onSuccess: done(mActivity.watch.begun()) })
  const end = useMutation({ mutationFn: endWatch, onSuccess: done(mActivity.watch.ended()) })
  const rhythms = [
    { value: 'soon', label: mActivity.watch.soon(), text: mActivity.watch.soonText() },
    { value: 'daily', label: mActivity.watch.daily(), text: mActivity.watch.dailyText() },
  ] as const
  return (
    <>
      <MailNotice mail={mail} />
      {set.error ? <Notice tone="bad">{describe(set.error)}</Notice> : null}
      {end.error ? <Notice tone="bad">{describe(end.error)}</Notice> : null}
      <Choice label={mActivity.watch.rhythm()} value={rhythm} options={rhythms} onChange={setRhythm} />
      <div className="foot">
        <Button onPress={onClose}>{m.common.cancel()}</Button>
        {known === undefined ? null : (
          <Button onPress={() => end.mutate(known.id)} pending={end.isPending}>
            {mActivity.watch.end()}
          </Button>
        )}
        <Button look="primary" onPress={() => set.mutate({ ...place, rhythm, language: language() })} pending={set.isPending} reason={mail === 'reaches' ? undefined : mActivity.watch.mail[mail]()}>
          {known === undefined ? mActivity.watch.begin() : m.common.save()}
        </Button>
      </div>
    </>
  )
}

/** Why no mail comes; nothing where it does. */
export function MailNotice({ mail }: { mail: Watches['mail'] }) {
  if (mail === 'reaches') return null
  return (
    <Notice tone="warn">
      {mActivity.watch.mail[mail]()}{' '}
      {mail === 'no-address' ? (
        <Link to="/account" className="link">
          {mActivity.watch.toAccount()}
        </Link>
      ) : null}
    </Notice>
  )
}
