import { useState, type ReactNode } from 'react'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { Tick } from './Choice'
import { Dialog } from './Dialog'

export type ConflictAnswer = 'skip' | 'keep-both' | 'replace'

interface Props {
  title: string
  /** How many more are asked about; with more than one, the answer may be for all. */
  waiting: number
  /** Whether one answer is for all of them anyway. */
  together?: boolean
  text: string
  children?: ReactNode
  onAnswer: (answer: ConflictAnswer, toAll: boolean) => void
}

/** Asks what becomes of something that is already there: of uploads, copies and moves alike. */
export function ConflictQuestion({ title, waiting, together = false, text, children, onAnswer }: Props) {
  const [toAll, setToAll] = useState(false)
  return (
    <Dialog title={title} onClose={() => onAnswer('skip', toAll)} alert>
      {children}
      <p className="soft">{text}</p>
      {together ? null : (
        <Tick value={toAll} onChange={setToAll}>
          {m.conflict.toAll(waiting)}
        </Tick>
      )}
      <div className="foot">
        <Button onPress={() => onAnswer('skip', toAll)} autoFocus>
          {m.conflict.skip()}
        </Button>
        <Button onPress={() => onAnswer('keep-both', toAll)}>{m.conflict.keepBoth()}</Button>
        <Button look="primary" onPress={() => onAnswer('replace', toAll)}>
          {m.conflict.replace()}
        </Button>
      </div>
    </Dialog>
  )
}
