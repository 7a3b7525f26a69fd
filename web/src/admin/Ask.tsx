import { useQuery } from '@tanstack/react-query'
import { groupsQuery, peopleQuery, rolesQuery } from '../api/admin'
import { m } from '../i18n/messages'
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
  const actions = [...ACTIONS.map((one) => ({ value: one, label: one })), { value: OTHER, label: m.simulator.otherAction() }]
  return (
    <>
      <section className="filters" aria-label={m.simulator.request()}>
        <Who question={question} onChange={set} />
        <Select label={m.simulator.action()} value={listed ? action : OTHER} options={actions} onChange={(chosen) => set({ action: chosen === OTHER ? '' : chosen })} />
        {listed ? null : <Field label={m.simulator.writtenAction()} hint={m.simulator.actionHint()} value={action} onChange={(text) => set({ action: text })} mono />}
        <Bucket chosen={bucket} onChange={(chosen) => set({ bucket: chosen })} />
        <Field label={m.simulator.key()} hint={m.simulator.keyHint()} value={key} onChange={(text) => set({ key: text })} mono />
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
  const kinds = { person: m.simulator.person(), role: m.simulator.role(), stranger: m.simulator.stranger() }
  const none = { value: NONE, label: m.simulator.choose() }
  const some = (chosen: string): string => (chosen === NONE ? '' : chosen)
  return (
    <>
      <Select label={m.simulator.who()} value={who} options={WHO.map((value) => ({ value, label: kinds[value] }))} onChange={(chosen) => onChange({ who: chosen })} />
      {who === 'person' ? (
        <>
          <Select label={m.simulator.person()} value={uid || NONE} options={[none, ...people.map((one) => ({ value: one.uid, label: one.name }))]} onChange={(chosen) => onChange({ uid: some(chosen) })} />
          <Select
            label={m.simulator.asIfIn()}
            value={group || NONE}
            options={[{ value: NONE, label: m.simulator.noGroup() }, ...groups.map((one) => ({ value: one.id, label: one.name }))]}
            onChange={(chosen) => onChange({ group: some(chosen) })}
          />
        </>
      ) : null}
      {who === 'role' ? (
        <Select label={m.simulator.role()} value={role || NONE} options={[none, ...roles.map((one) => ({ value: one.name, label: one.name }))]} onChange={(chosen) => onChange({ role: some(chosen) })} />
      ) : null}
    </>
  )
}

function How({ question: { address, at, plain, more }, onChange }: PartProps) {
  const given = address !== '' || at !== '' || plain || more !== ''
  return (
    <details className="how" open={given || undefined}>
      <summary>{m.simulator.how()}</summary>
      <div className="filters">
        <Field label={m.simulator.address()} hint={m.simulator.addressHint()} value={address} onChange={(text) => onChange({ address: text })} mono />
        <Field label={m.simulator.at()} hint={m.simulator.atHint()} type="datetime-local" value={at} onChange={(text) => onChange({ at: text })} />
        <Field label={m.simulator.more()} hint={m.simulator.moreHint()} value={more} onChange={(text) => onChange({ more: text })} mono />
        <Tick value={plain} onChange={(chosen) => onChange({ plain: chosen })}>
          {m.simulator.plain()}
        </Tick>
      </div>
    </details>
  )
}
