import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { groupsQuery, peopleQuery } from '../api/admin'
import { setQuota } from '../api/quotas'
import type { NewQuota } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Select } from '../ui/Select'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { amountOf } from './quota-amount'

type Kind = NewQuota['for']['kind']

/** Sets a quota; one that there is already is set anew. */
export function QuotaForm() {
  const [kind, setKind] = useState<Kind>('every-person')
  const [whose, setWhose] = useState('')
  const [place, setPlace] = useState('')
  const [size, setSize] = useState('')
  const [files, setFiles] = useState('')
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: (body: NewQuota) => withProof(() => setQuota(body)),
    onSuccess: () => {
      toast(m.common.saved())
      return queries.invalidateQueries({ queryKey: ['quotas'] })
    },
  })
  const limits = amountOf(size, files)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    const what = whatFor(kind, whose, place)
    if (limits !== null && what !== null) save.mutate({ for: what, ...limits })
  }
  const kinds: { value: Kind; label: string }[] = [
    { value: 'every-person', label: ma.quotas.everyPerson() },
    { value: 'person', label: ma.quotas.onePerson() },
    { value: 'group', label: ma.quotas.oneGroup() },
    { value: 'location', label: ma.quotas.onePlace() },
  ]
  const chosen = (next: Kind): void => {
    setKind(next)
    setWhose('')
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{ma.quotas.set()}</h2>
      {save.error ? <Notice tone="bad">{describe(save.error)}</Notice> : null}
      <Select label={ma.quotas.forWhat()} value={kind} options={kinds} onChange={chosen} />
      <Whose kind={kind} value={whose} onChange={setWhose} />
      {kind === 'location' ? <Field label={ma.quotas.place()} hint={ma.quotas.placeHint()} value={place} onChange={setPlace} mono /> : null}
      {tried && whatFor(kind, whose, place) === null ? <Notice tone="bad">{ma.quotas.chooseOne()}</Notice> : null}
      <Field
        label={ma.quotas.size()}
        hint={ma.quotas.sizeHint()}
        value={size}
        onChange={setSize}
        error={tried && limits === null ? ma.quotas.limitWrong() : undefined}
      />
      <Field label={ma.quotas.filesMax()} hint={ma.quotas.filesHint()} value={files} onChange={setFiles} inputMode="numeric" />
      <Button look="primary" type="submit" pending={save.isPending}>
        {m.common.save()}
      </Button>
    </form>
  )
}

function whatFor(kind: Kind, whose: string, place: string): NewQuota['for'] | null {
  const [bucket = '', ...rest] = place.trim().split('/')
  switch (kind) {
    case 'every-person':
      return { kind }
    case 'person':
      return whose === '' ? null : { kind, uid: whose }
    case 'group':
      return whose === '' ? null : { kind, id: whose }
    case 'location':
      return bucket === '' ? null : { kind, bucket, prefix: rest.join('/') }
  }
}

function Whose({ kind, value, onChange }: { kind: Kind; value: string; onChange: (id: string) => void }) {
  const { data: people = [] } = useQuery(peopleQuery)
  const { data: groups = [] } = useQuery(groupsQuery)
  switch (kind) {
    case 'person':
      return <Select label={ma.quotas.onePerson()} value={value} options={people.map(({ uid, name }) => ({ value: uid, label: name }))} onChange={onChange} />
    case 'group':
      return <Select label={ma.quotas.oneGroup()} value={value} options={groups.map(({ id, name }) => ({ value: id, label: name }))} onChange={onChange} />
    case 'location':
    case 'every-person':
      return null
  }
}
