/** One line of what is known of something. */
export function Fact({ term, value, mono = false }: { term: string; value: string; mono?: boolean }) {
  return (
    <div className={mono ? 'stacked' : ''}>
      <dt>{term}</dt>
      <dd className={mono ? 'mono' : ''}>{value}</dd>
    </div>
  )
}
