import { useQuery } from '@tanstack/react-query'
import { groupsQuery, peopleQuery, rolesQuery } from '../api/admin'
import { ma } from '../i18n/administration'
import { Tick } from '../ui/Choice'
import { Field } from '../ui/Field'
import { Select } from '../ui/Select'
import { Bucket } from './Bucket'
import { ACTIONS, WHO, type Question } from './question'

/** No key of a list may be empty. */
const NONE = 'none'
/** An action that is written by hand. */
const OTHER = 'other'

interface Props {
  question: Question
  onChange: (question: Question) => void
}

/** Who asks, for what, where and how. */
export function Ask({ question, onChange }: Props) {
  const set = (change: Partial<Question>): void => onChange({ ...question, ...change })
  const { action, bucket, key } = question
  const listed = ACTIONS.includes(action)
  const actions = [...ACTIONS.map((one) => ({ value: one, label: one })), { value: OTHER, label: ma.simulator.otherAction() }]
  return (
    <>
      <section className="filters" aria-label={ma.simulator.request()}>
        <Who question={question} onChange={set} />
        <Select label={ma.simulator.action()} value={listed ? action : OTHER} options={actions} onChange={(chosen) => set({ action: chosen === OTHER ? '' : chosen })} />
        {listed ? null : <Field label={ma.simulator.writtenAction()} hint={ma.simulator.actionHint()} value={action} onChange={(text) => set({ action: text })} mono />}
        <Bucket chosen={bucket} onChange={(chosen) => set({ bucket: chosen })} />
        <Field label={ma.simulator.key()} hint={ma.simulator.keyHint()} value={key} onChange={(text) => set({ key: text })} mono />
      </section>
      <How question={question} onChange={set} />
    </>
  )
}

interface PartProps {
  question: Question
  onChange: (change: Partial<Question>) => void
}

function Who({ question: { who, uid, group, role }, onChange }: PartProps) {
  const { data: people = [] } = useQuery(peopleQuery)
  const { data: groups = [] } = useQuery(groupsQuery)
  const { data: roles = [] } = useQuery(rolesQuery)
  const kinds = { person: ma.simulator.person(), role: ma.simulator.role(), stranger: ma.simulator.stranger() }
  const none = { value: NONE, label: ma.simulator.choose() }
  const some = (chosen: string): string => (chosen === NONE ? '' : chosen)
  return (
    <>
      <Select label={ma.simulator.who()} value={who} options={WHO.map((value) => ({ value, label: kinds[value] }))} onChange={(chosen) => onChange({ who: chosen })} />
      {who === 'person' ? (
        <>
          <Select label={ma.simulator.person()} value={uid || NONE} options={[none, ...people.map((one) => ({ value: one.uid, label: one.name }))]} onChange={(chosen) => onChange({ uid: some(chosen) })} />
          <Select
            label={ma.simulator.asIfIn()}
            value={group || NONE}
            options={[{ value: NONE, label: ma.simulator.noGroup() }, ...groups.map((one) => ({ value: one.id, label: one.name }))]}
            onChange={(chosen) => onChange({ group: some(chosen) })}
          />
        </>
      ) : null}
      {who === 'role' ? (
        <Select label={ma.simulator.role()} value={role || NONE} options={[none, ...roles.map((one) => ({ value: one.name, label: one.name }))]} onChange={(chosen) => onChange({ role: some(chosen) })} />
      ) : null}
    </>
  )
}

function How({ question: { address, at, plain, more }, onChange }: PartProps) {
  const given = address !== '' || at !== '' || plain || more !== ''
  return (
    <details className="how" open={given || undefined}>
      <summary>{ma.simulator.how()}</summary>
      <div className="filters">
        <Field label={ma.simulator.address()} hint={ma.simulator.addressHint()} value={address} onChange={(text) => onChange({ address: text })} mono />
        <Field label={ma.simulator.at()} hint={ma.simulator.atHint()} type="datetime-local" value={at} onChange={(text) => onChange({ at: text })} />
        <Field label={ma.simulator.more()} hint={ma.simulator.moreHint()} value={more} onChange={(text) => onChange({ more: text })} mono />
        <Tick value={plain} onChange={(chosen) => onChange({ plain: chosen })}>
          {ma.simulator.plain()}
        </Tick>
      </div>
    </details>
  )
}
