import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Inbox } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { declineAccess, waitingRequestsQuery } from '../api/access-requests'
import type { WaitingRequest } from '../api/types'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { Name } from '../ui/Name'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { ConfirmChange } from './ConfirmChange'

/** What people asked for, each given by one click or declined with an answer. */
export function RequestsPage() {
  const { data, error, isPending, refetch } = useQuery(waitingRequestsQuery)
  return (
    <Page title={m.app.requests()} text={ma.deciding.pageText()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.deciding.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? (
        <Blank icon={<Inbox size={30} strokeWidth={1.6} aria-hidden />} title={ma.deciding.none()}>
          <p>{ma.deciding.noneText()}</p>
        </Blank>
      ) : null}
      {data !== undefined && data.length > 0 ? <Waiting all={data} /> : null}
    </Page>
  )
}

function Waiting({ all }: { all: readonly WaitingRequest[] }) {
  const [declining, setDeclining] = useState<WaitingRequest>()
  const [giving, setGiving] = useState<WaitingRequest>()
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{m.app.requests()}</caption>
        <thead>
          <tr>
            <th scope="col">{ma.deciding.who()}</th>
            <th scope="col">{m.asking.wanted()}</th>
            <th scope="col">{ma.deciding.would()}</th>
            <th scope="col">{ma.deciding.when()}</th>
            <th scope="col" className="end">
              {m.common.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((waiting) => (
            <Row key={waiting.request.id} waiting={waiting} onGive={() => setGiving(waiting)} onDecline={() => setDeclining(waiting)} />
          ))}
        </tbody>
      </table>
      {giving === undefined ? null : <Giving waiting={giving} onClose={() => setGiving(undefined)} />}
      {declining === undefined ? null : <Declining waiting={declining} onClose={() => setDeclining(undefined)} />}
    </>
  )
}

function Row({ waiting, onGive, onDecline }: { waiting: WaitingRequest; onGive: () => void; onDecline: () => void }) {
  const { request } = waiting
  const name = nameOf(waiting)
  return (
    <tr>
      <th scope="row">
        <Name text={name} />
        {request.note === null ? null : <p className="soft"><Name text={request.note} /></p>}
      </th>
      <td data-label={m.asking.wanted()}>{m.asking.action(request.action)}</td>
      <td data-label={ma.deciding.would()}>
        <b>{request.role}</b>{' '}
        <code>
          <Name text={`${request.bucket}/${request.prefix}`} />
        </code>
      </td>
      <td data-label={ma.deciding.when()}>{dateTime(request.asked)}</td>
      <td className="end">
        <Button look="primary" label={ma.deciding.giveTo(request.role, name)} onPress={onGive}>
          {ma.deciding.give()}
        </Button>{' '}
        <Button onPress={onDecline}>
          {ma.deciding.decline()} <Name text={name} className="hidden-text" />
        </Button>
      </td>
    </tr>
  )
}

function Giving({ waiting, onClose }: { waiting: WaitingRequest; onClose: () => void }) {
  const { id, role } = waiting.request
  const name = nameOf(waiting)
  return (
    <ConfirmChange
      title={ma.deciding.giveTo(role, name)}
      action={ma.deciding.give()}
      takes={false}
      change={{ kind: 'access-request', id }}
      onMade={() => toast(ma.deciding.gave(role, name))}
      onClose={onClose}
    />
  )
}

function Declining({ waiting, onClose }: { waiting: WaitingRequest; onClose: () => void }) {
  const [answer, setAnswer] = useState('')
  const name = nameOf(waiting)
  const queries = useQueryClient()
  const decline = useMutation({
    mutationFn: () => withProof(() => declineAccess(waiting.request.id, answer)),
    onSuccess: async () => {
      toast(ma.deciding.declinedToast())
      onClose()
      await queries.invalidateQueries({ queryKey: waitingRequestsQuery.queryKey })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    decline.mutate()
  }
  return (
    <Dialog title={ma.deciding.declineTitle(name)} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        {decline.error ? <Notice tone="bad">{describe(decline.error)}</Notice> : null}
        <Field label={ma.deciding.answer()} hint={ma.deciding.answerHint(name)} value={answer} onChange={setAnswer} autoFocus />
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="danger" type="submit" pending={decline.isPending}>
            {ma.deciding.decline()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function nameOf({ person }: WaitingRequest): string {
  return person.name ?? person.uid
}
