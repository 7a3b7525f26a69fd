import { useMutation } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { Confirm } from './Dialog'
import { Notice } from './Notice'
import { describe } from './problems'
import { toast } from './toasts'

/** An access key or an API token, as a line of a table. */
export interface Held {
  id: string
  name: string
  /** Shown beside the name, where people know it by that. */
  known: string | undefined
  where: string
  may: string
  used: { at: string; ip: string | null } | null
  expires: string
  /** Why it does not count; nothing, where it does. */
  over: string | undefined
  endable: boolean
}

interface Props {
  caption: string
  /** What the column of places is called. */
  where: string
  held: readonly Held[]
  /** What ending one brings about. */
  text: string
  onEnd: (id: string) => Promise<void>
  onEnded: () => Promise<void>
}

/** Access keys or API tokens, those that count first; each can be ended. */
export function HeldTable({ caption, where, held, text, onEnd, onEnded }: Props) {
  const [ending, setEnding] = useState<Held>()
  const all = [...held.filter(({ over }) => over === undefined), ...held.filter(({ over }) => over !== undefined)]
  const end = useMutation({
    mutationFn: (one: Held) => onEnd(one.id),
    onSuccess: async (_, one) => {
      toast(m.keys.revoked(one.name))
      setEnding(undefined)
      await onEnded()
    },
  })
  const close = (): void => {
    setEnding(undefined)
    end.reset()
  }
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{m.keys.name()}</th>
            <th scope="col">{where}</th>
            <th scope="col">{m.keys.used()}</th>
            <th scope="col">{m.keys.ends()}</th>
            <th scope="col" className="end">
              {m.common.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <Line key={one.id} one={one} where={where} onEnd={() => setEnding(one)} />
          ))}
        </tbody>
      </table>
      {ending === undefined ? null : (
        <Confirm
          title={m.keys.revokeTitle(ending.name)}
          action={m.keys.revokeConfirm()}
          pending={end.isPending}
          onConfirm={() => end.mutate(ending)}
          onClose={close}
        >
          <p>{text}</p>
          {end.error ? <Notice tone="bad">{describe(end.error)}</Notice> : null}
        </Confirm>
      )}
    </>
  )
}

function Line({ one, where, onEnd }: { one: Held; where: string; onEnd: () => void }) {
  return (
    <tr className={one.over === undefined ? '' : 'ended'}>
      <th scope="row">
        {one.name} {one.known === undefined ? null : <code className="key-id">{one.known}</code>}
      </th>
      <td data-label={where}>
        {one.where} <small className="soft">{one.may}</small>
      </td>
      <td data-label={m.keys.used()}>{one.used === null ? m.keys.never() : m.keys.usedAt(one.used.at, one.used.ip)}</td>
      <td data-label={m.keys.ends()}>
        {one.over === undefined ? m.keys.until(one.expires) : <span className="pill pill-bad">{one.over}</span>}
      </td>
      <td className="end">
        {one.endable ? (
          <Button look="quiet" label={m.keys.revoke(one.name)} onPress={onEnd}>
            <Trash2 size={16} aria-hidden />
          </Button>
        ) : null}
      </td>
    </tr>
  )
}
