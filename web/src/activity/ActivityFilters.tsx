import type { Location } from '../api/types'
import { mActivity } from '../i18n/activity'
import { Field } from '../ui/Field'
import { Select } from '../ui/Select'
import { type Chosen, KINDS } from './chosen'

/** No key of a list may be empty. */
const ALL = 'all'

/** Somebody may be called as a word of ours. */
const NAMED = 'person:'

interface Props {
  chosen: Chosen
  /** Who is named in what is shown. */
  people: readonly string[]
  /** Which locations can be chosen; none where one is shown alone. */
  locations: readonly Location[]
  onChange: (chosen: Chosen) => void
}

/** What happened, by whom, where and when. */
export function ActivityFilters({ chosen, people, locations, onChange }: Props) {
  const set = (change: Chosen): void => onChange({ ...chosen, ...change })
  const kinds: { value: string; label: string }[] = [{ value: ALL, label: mActivity.anyKind() }, ...KINDS.map((kind) => ({ value: kind, label: mActivity.kinds[kind]() }))]
  const who = [{ value: ALL, label: mActivity.anybody() }, ...people.map((name) => ({ value: NAMED + name, label: name }))]
  const places = [{ value: ALL, label: mActivity.anyLocation() }, ...locations.map(({ id, title }) => ({ value: id, label: title }))]
  return (
    <section aria-label={mActivity.filters()}>
      <div className="filters">
        <Select label={mActivity.kind()} value={chosen.kind ?? ALL} options={kinds} onChange={(kind) => set({ kind: KINDS.find((one) => one === kind) })} />
        <Select label={mActivity.person()} value={chosen.person === undefined ? ALL : NAMED + chosen.person} options={who} onChange={(one) => set({ person: one === ALL ? undefined : one.slice(NAMED.length) })} />
        {locations.length === 0 ? null : <Select label={mActivity.location()} value={chosen.location ?? ALL} options={places} onChange={(id) => set({ location: id === ALL ? undefined : id })} />}
        <Field label={mActivity.from()} type="date" value={chosen.from ?? ''} onChange={(from) => set({ from })} />
        <Field label={mActivity.until()} type="date" value={chosen.until ?? ''} onChange={(until) => set({ until })} />
      </div>
    </section>
  )
}
