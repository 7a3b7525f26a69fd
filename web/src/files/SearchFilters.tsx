import { useQuery } from '@tanstack/react-query'
import { locationsQuery } from '../api/files'
import { bytes } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Select } from '../ui/Select'
import { kept, KINDS, SIZES, type Sought } from './searching'

/** No key of a list may be empty. */
const ALL = 'all'

interface Props {
  sought: Sought
  onChange: (sought: Sought) => void
}

/** What kind of thing it is, where, how large, and when it was changed. */
export function SearchFilters({ sought, onChange }: Props) {
  const { data: locations = [] } = useQuery(locationsQuery)
  const set = (change: { [K in keyof Sought]?: Sought[K] | undefined }): void => onChange(kept({ ...unsaid, ...sought, ...change }))
  const kinds: { value: string; label: string }[] = [{ value: ALL, label: m.search.anyKind() }, ...KINDS.map((kind) => ({ value: kind, label: m.search.kinds(kind) }))]
  const places = [{ value: ALL, label: m.search.anyLocation() }, ...locations.map(({ id, title }) => ({ value: id, label: title }))]
  const sizes = [{ value: ALL, label: m.search.anySize() }, ...SIZES.map((size) => ({ value: String(size), label: m.search.atLeast(bytes(size)) }))]
  return (
    <section aria-label={m.search.filters()}>
      <div className="filters">
        <Select label={m.search.kind()} value={sought.kind ?? ALL} options={kinds} onChange={(chosen) => set({ kind: KINDS.find((kind) => kind === chosen) })} />
        <Select label={m.search.location()} value={sought.location ?? ALL} options={places} onChange={(chosen) => set({ location: chosen === ALL ? undefined : chosen, path: undefined })} />
        <Select label={m.search.size()} value={String(sought.size ?? ALL)} options={sizes} onChange={(chosen) => set({ size: SIZES.find((size) => String(size) === chosen) })} />
        <Field label={m.search.since()} type="date" value={sought.since ?? ''} onChange={(since) => set({ since })} />
        <Field label={m.search.until()} type="date" value={sought.until ?? ''} onChange={(until) => set({ until })} />
      </div>
      {sought.path === undefined ? null : (
        <p className="soft">
          {m.search.inFolder(sought.path)} <Button onPress={() => set({ location: undefined, path: undefined })}>{m.search.everywhere()}</Button>
        </p>
      )}
    </section>
  )
}

const unsaid = { q: undefined, kind: undefined, location: undefined, path: undefined, size: undefined, since: undefined, until: undefined }
