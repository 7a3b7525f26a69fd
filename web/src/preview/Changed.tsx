import { useQuery } from '@tanstack/react-query'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Loading, Notice } from '../ui/Notice'
import { differing } from './differing'
import type { Placed } from './file'
import { textQuery } from './links'
import { sentenceFor } from './Trouble'

interface Props extends Placed {
  mine: string
  pending: boolean
  problem: string | undefined
  onKeepMine: () => void
  onTakeTheirs: () => void
  onClose: () => void
}

/** Somebody else wrote the file since it was read: both texts are shown where they part, and nothing is replaced. */
export function Changed({ file, location, path, mine, pending, problem, onKeepMine, onTakeTheirs, onClose }: Props) {
  const query = textQuery(location, path, file.size)
  const { data: theirs, error } = useQuery({ ...query, queryKey: [...query.queryKey, 'theirs'] })
  const shown = theirs === undefined ? undefined : differing(theirs.content, mine)
  return (
    <Dialog title={m.preview.changedTitle(file.shown)} onClose={onClose} alert wide>
      <p>{m.preview.changedText()}</p>
      {error ? <Notice tone="warn">{sentenceFor(error)}</Notice> : null}
      {shown === undefined ? (error ? null : <Loading />) : (
        <div className="both">
          <Side title={m.preview.theirs()} text={shown.theirs} from={shown.line} />
          <Side title={m.preview.mine()} text={shown.mine} from={shown.line} />
        </div>
      )}
      {problem === undefined ? null : <Notice tone="bad">{problem}</Notice>}
      <div className="foot">
        <Button onPress={onClose}>{m.preview.editOn()}</Button>
        {theirs === undefined ? null : <Button onPress={onTakeTheirs}>{m.preview.takeTheirs()}</Button>}
        <Button look="primary" onPress={onKeepMine} pending={pending} autoFocus>
          {m.preview.keepMine()}
        </Button>
      </div>
    </Dialog>
  )
}

function Side({ title, text, from }: { title: string; text: string; from: number }) {
  return (
    <section>
      <h3>{title}</h3>
      <p className="soft">{m.preview.fromLine(from)}</p>
      <pre tabIndex={0} role="region" aria-label={title}>
        {text}
      </pre>
    </section>
  )
}
