import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { fileRequestsKey, revokeFileRequest } from '../api/fileRequests'
import type { FileRequest } from '../api/types'
import { mc } from '../i18n/collecting'
import { m } from '../i18n/messages'
import { Button } from './Button'
import { Confirm } from './Dialog'
import { Name } from './Name'
import { Notice } from './Notice'
import { describe } from './problems'
import { toast } from './toasts'

interface Props {
  caption: string
  requests: readonly FileRequest[]
  /** Everybody's: it is said whose each is. */
  everybodys?: boolean
}

/** File requests, each of which can be revoked: for good, and only after a question. */
export function FileRequestTable({ caption, requests, everybodys = false }: Props) {
  const [ending, setEnding] = useState<FileRequest>()
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: (request: FileRequest) => revokeFileRequest(request.id),
    onSuccess: async () => {
      toast(mc.revoked)
      setEnding(undefined)
      await queries.invalidateQueries({ queryKey: fileRequestsKey })
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
            <th scope="col">{mc.what}</th>
            {everybodys ? <th scope="col">{mc.owner}</th> : null}
            <th scope="col">{mc.standing}</th>
            <th scope="col">{mc.arrived}</th>
            <th scope="col" className="end">
              {m.common.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <Line key={request.id} request={request} everybodys={everybodys} onEnd={() => setEnding(request)} />
          ))}
        </tbody>
      </table>
      {ending === undefined ? null : (
        <Confirm title={mc.revokeTitle(ending.title)} action={mc.revoke} pending={end.isPending} onConfirm={() => end.mutate(ending)} onClose={close}>
          {end.error ? <Notice tone="bad">{describe(end.error)}</Notice> : null}
          <p>{mc.revokeText}</p>
        </Confirm>
      )}
    </>
  )
}

function Line({ request, everybodys, onEnd }: { request: FileRequest; everybodys: boolean; onEnd: () => void }) {
  const over = request.state === 'revoked' || request.state === 'expired'
  const bounds = [request.ends === null ? m.links.untilRevoked() : m.links.until(request.ends), request.password ? m.links.withPassword() : m.links.withoutPassword()]
  return (
    <tr>
      <th scope="row">
        <Name text={request.title} />
        <div className="soft">
          <Name text={placeOf(request)} />
        </div>
        {everybodys || request.bucket === null ? null : (
          <Link to="/files/$location/$" params={{ location: request.location, _splat: request.path.replace(/\/$/, '') }} className="link">
            {mc.open}
          </Link>
        )}
      </th>
      {everybodys ? (
        <td data-label={mc.owner}>
          <Name text={request.owner.name ?? request.owner.uid} />
        </td>
      ) : null}
      <td data-label={mc.standing}>
        <span className={request.state === 'active' ? 'pill pill-ok' : over ? 'pill' : 'pill pill-warn'}>{m.links.state[request.state]()}</span>
        <div className="soft">{bounds.join(', ')}</div>
      </td>
      <td data-label={mc.arrived}>
        {request.arrived === 0 ? mc.nothing : mc.arrivedOf(request.arrived, request.files_max, request.senders)}
        {request.files > request.arrived ? <div className="soft">{mc.promised(request.files - request.arrived)}</div> : null}
        <div className="soft">
          {mc.size(request.bytes, request.bytes_max)}
          {request.last_arrival === null ? null : `, ${mc.last(request.last_arrival)}`}
        </div>
      </td>
      <td className="end">
        {over ? null : (
          <Button onPress={onEnd}>
            {mc.revoke} <span className="hidden-text">{request.title}</span>
          </Button>
        )}
      </td>
    </tr>
  )
}

function placeOf({ bucket, prefix, path }: FileRequest): string {
  return bucket === null ? path : `${bucket}/${prefix ?? ''}${path}`
}
