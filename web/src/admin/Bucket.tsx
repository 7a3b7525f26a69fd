import { useQuery } from '@tanstack/react-query'
import { bucketsQuery } from '../api/admin'
import { ma } from '../i18n/administration'
import { Select } from '../ui/Select'

/** One of the house's buckets. Nothing is asked where there is one. */
export function Bucket({ chosen, onChange }: { chosen: string; onChange: (bucket: string) => void }) {
  const { data: buckets = [] } = useQuery(bucketsQuery)
  const [first] = buckets
  if (first === undefined || buckets.length === 1) return null
  return <Select label={ma.grants.bucket()} value={chosen || first} options={buckets.map((name) => ({ value: name, label: name }))} onChange={onChange} />
}
