import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { sessionQuery } from '../api/session'
import { m } from '../i18n/messages'

interface Props {
  bucket: string
  /** A folder ends in `/`; empty: the whole bucket. */
  of: string
}

/** For administrators: who can reach this. */
export function WhoLink({ bucket, of }: Props) {
  const { data: session } = useQuery(sessionQuery)
  if (session?.person.administrator !== true) return null
  return (
    <Link to="/who" search={{ bucket, key: of }} className="link">
      {m.who.open()}
    </Link>
  )
}
