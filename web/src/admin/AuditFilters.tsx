import { useQuery } from '@tanstack/react-query'
import { peopleQuery, type AuditFilter } from '../api/admin'
import { ma } from '../i18n/administration'
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
    { value: ALL, label: ma.audit.everybody() },
    { value: 'anonymous', label: ma.audit.strangers() },
    ...persons,
  ]
  const outcomes = [
    { value: ALL, label: ma.audit.anyOutcome() },
    { value: 'done', label: ma.audit.done() },
    { value: 'refused', label: ma.audit.refused() },
    { value: 'unknown', label: ma.audit.unknown() },
  ]
  return (
    <section className="filters" aria-label={ma.audit.filters()}>
      <Select label={ma.audit.who()} value={filter.who || ALL} options={who} onChange={(chosen) => set({ who: asked(chosen) })} />
      <Select
        label={ma.audit.outcome()}
        value={filter.outcome || ALL}
        options={outcomes}
        onChange={(chosen) => set({ outcome: asked(chosen) })}
      />
      <Field
        label={ma.audit.action()}
        hint={ma.audit.actionHint()}
        value={filter.action}
        onChange={(action) => set({ action })}
        mono
      />
      <Field
        label={ma.audit.resource()}
        hint={ma.audit.resourceHint()}
        value={filter.resource}
        onChange={(resource) => set({ resource })}
        mono
      />
      <Field label={ma.audit.since()} value={filter.since} onChange={(since) => set({ since })} type="date" />
      <Field label={ma.audit.until()} value={filter.until} onChange={(until) => set({ until })} type="date" />
    </section>
  )
}
