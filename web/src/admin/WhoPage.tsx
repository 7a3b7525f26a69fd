import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Users } from 'lucide-react'
import { useState } from 'react'
import { whoQuery } from '../api/reach'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { useSettled } from '../ui/useSettled'
import '../styles/simulator.css'
import '../styles/reach.css'
import { Bucket } from './Bucket'
import type { AskedPlace } from './place'
import { WhoAnswer } from './WhoAnswer'
import { WhoPersons } from './WhoPersons'

/** Who can reach an object, a folder or a bucket. What is asked stands in the address. */
export function WhoPage({ asked }: { asked: Partial<AskedPlace> }) {
  const [draft, setDraft] = useState({ bucket: '', key: '', ...asked })
  const [told, setTold] = useState(asked)
  const navigate = useNavigate()
  // A link that leads here while the page is open asks anew.
  if (told !== asked) {
    setTold(asked)
    setDraft({ bucket: '', key: '', ...asked })
  }
  return (
    <Page title={ma.reach.whoTitle()} text={ma.reach.whoText()}>
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault()
          void navigate({ to: '/who', search: { ...(draft.bucket === '' ? {} : { bucket: draft.bucket }), key: draft.key } })
        }}
      >
        <section className="filters" aria-label={ma.reach.place()}>
          <Bucket chosen={draft.bucket} onChange={(bucket) => setDraft({ ...draft, bucket })} />
          <Field label={m.who.key()} hint={ma.reach.keyHint()} value={draft.key} onChange={(key) => setDraft({ ...draft, key })} mono />
        </section>
        <div className="ask-end">
          <Button type="submit" look="primary">
            <Users size={15} aria-hidden /> {ma.reach.ask()}
          </Button>
        </div>
      </form>
      {asked.key === undefined ? <Notice tone="calm">{ma.reach.nothing()}</Notice> : <Asked key={`${asked.bucket ?? ''}/${asked.key}`} bucket={asked.bucket ?? ''} place={asked.key} />}
    </Page>
  )
}

function Asked({ bucket, place }: { bucket: string; place: string }) {
  const [name, setName] = useState('')
  const [from, setFrom] = useState(0)
  const [settled, setSettled] = useState('')
  const rested = useSettled(name)
  // What is typed is asked for when the typing has rested, from the first page on.
  if (rested && settled !== name) {
    setSettled(name)
    setFrom(0)
  }
  const { data, error, refetch } = useQuery({ ...whoQuery({ bucket, key: place, name: settled, from }), placeholderData: (kept) => kept })
  if (error) return <Failure title={ma.reach.failed()} error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  return (
    <WhoAnswer who={data}>
      <Field label={ma.reach.name()} value={name} onChange={setName} />
      <WhoPersons who={data} from={from} onFrom={setFrom} />
    </WhoAnswer>
  )
}
