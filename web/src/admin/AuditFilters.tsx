import { useQuery } from '@tanstack/react-query'
import { peopleQuery, type AuditFilter } from '../api/admin'
import { m } from '../i18n/messages'
import { Field } from '../ui/Field'
import { Select } from '../ui/Select'

/** No key of a list may be empty. */
const ALL = 'all'

function asked(chosen: string): string {
  return chosen === ALL ? '' : chosen
}

interface Props {
  filter: AuditFilter
  onChange: (filter: AuditFilter) => void
}

/** What of the audit log is shown: by whom, what, on what, with which end, and when. */
export function AuditFilters({ filter, onChange }: Props) {
  const { data: people = [] } = useQuery(peopleQuery)
  const set = (change: Partial<AuditFilter>): void => onChange({ ...filter, ...change })
  const persons = people.map(({ uid, name }) => ({ value: uid, label: name }))
  const who = [
    { value: ALL, label: m.audit.everybody() },
    { value: 'anonymous', label: m.audit.strangers() },
    ...persons,
  ]
  const outcomes = [
    { value: ALL, label: m.audit.anyOutcome() },
    { value: 'done', label: m.audit.done() },
    { value: 'refused', label: m.audit.refused() },
    { value: 'unknown', label: m.audit.unknown() },
  ]
  return (
    <section className="filters" aria-label={m.audit.filters()}>
      <Select label={m.audit.who()} value={filter.who || ALL} options={who} onChange={(chosen) => set({ who: asked(chosen) })} />
      <Select
        label={m.audit.outcome()}
        value={filter.outcome || ALL}
        options={outcomes}
        onChange={(chosen) => set({ outcome: asked(chosen) })}
      />
      <Field
        label={m.audit.action()}
        hint={m.audit.actionHint()}
        value={filter.action}
        onChange={(action) => set({ action })}
        mono
      />
      <Field
        label={m.audit.resource()}
        hint={m.audit.resourceHint()}
        value={filter.resource}
        onChange={(resource) => set({ resource })}
        mono
      />
      <Field label={m.audit.since()} value={filter.since} onChange={(since) => set({ since })} type="date" />
      <Field label={m.audit.until()} value={filter.until} onChange={(until) => set({ until })} type="date" />
    </section>
  )
}
