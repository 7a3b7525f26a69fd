import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { linksKey, revokeLink } from '../api/links'
import type { ShareLink } from '../api/types'
import { dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { Confirm } from './Dialog'
import { Name } from './Name'
import { Notice } from './Notice'
import { describe } from './problems'
import { toast } from './toasts'

interface Props {
  caption: string
  links: readonly ShareLink[]
  /** Everybody's: it is said whose each is. */
  everybodys?: boolean
}

/** Links, each of which can be revoked: for good, and only after a question. */
export function LinkTable({ caption, links, everybodys = false }: Props) {
  const [ending, setEnding] = useState<ShareLink>()
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: (link: ShareLink) => revokeLink(link.id),
    onSuccess: async () => {
      toast(m.links.revoked())
      setEnding(undefined)
      await queries.invalidateQueries({ queryKey: linksKey })
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
            <th scope="col">{m.links.what()}</th>
            {everybodys ? <th scope="col">{m.links.owner()}</th> : null}
            <th scope="col">{m.links.standing()}</th>
            <th scope="col">{m.links.fetched()}</th>
            <th scope="col" className="end">
              {m.common.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {links.map((link) => (
            <Line key={link.id} link={link} everybodys={everybodys} onEnd={() => setEnding(link)} />
          ))}
        </tbody>
      </table>
      {ending === undefined ? null : (
        <Confirm title={m.links.revokeTitle(nameOf(ending))} action={m.links.revoke()} pending={end.isPending} onConfirm={() => end.mutate(ending)} onClose={close}>
          {end.error ? <Notice tone="bad">{describe(end.error)}</Notice> : null}
          <p>{m.links.revokeText()}</p>
        </Confirm>
      )}
    </>
  )
}

function Line({ link, everybodys, onEnd }: { link: ShareLink; everybodys: boolean; onEnd: () => void }) {
  const over = link.state === 'revoked' || link.state === 'expired'
  const bounds = [
    link.ends === null ? m.links.untilRevoked() : m.links.until(link.ends),
    link.password ? m.links.withPassword() : m.links.withoutPassword(),
    ...(link.showing === 'view' ? [m.links.lookOnly()] : []),
  ]
  return (
    <tr>
      <th scope="row">
        <Name text={nameOf(link)} />
        <div className="soft">
          <Name text={link.note === '' ? placeOf(link) : link.note} />
        </div>
      </th>
      {everybodys ? (
        <td data-label={m.links.owner()}>
          <Name text={link.owner.name ?? link.owner.uid} />
        </td>
      ) : null}
      <td data-label={m.links.standing()}>
        <span className={link.state === 'active' ? 'pill pill-ok' : over ? 'pill' : 'pill pill-warn'}>{m.links.state[link.state]()}</span>
        <div className="soft">{bounds.join(', ')}</div>
      </td>
      <td data-label={m.links.fetched()}>
        {link.downloads === 0 && link.downloads_max === null ? m.links.never() : m.links.timesOf(link.downloads, link.downloads_max)}
        <div className="soft">{link.used === null ? `${m.links.made()} ${dateTime(link.created)}` : m.links.last(link.used)}</div>
      </td>
      <td className="end">
        {over ? null : (
          <Button onPress={onEnd}>
            {m.links.revoke()} <span className="hidden-text">{nameOf(link)}</span>
          </Button>
        )}
      </td>
    </tr>
  )
}

/** A folder's name ends in a slash, as everywhere else. */
function nameOf({ path }: ShareLink): string {
  const inner = path.replace(/\/$/, '')
  return inner.slice(inner.lastIndexOf('/') + 1) + (path.endsWith('/') ? '/' : '')
}

function placeOf({ bucket, prefix, path }: ShareLink): string {
  return bucket === null ? path : `${bucket}/${prefix ?? ''}${path}`
}
