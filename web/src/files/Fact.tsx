import { Name } from '../ui/Name'

/** One line of what is known of something. */
export function Fact({ term, value, mono = false }: { term: string; value: string; mono?: boolean }) {
  return (
    <div className={mono ? 'stacked' : ''}>
      <dt>
        <Name text={term} />
      </dt>
      <dd className={mono ? 'mono' : ''}>
        <Name text={value} />
      </dd>
    </div>
  )
}
