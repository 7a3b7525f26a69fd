/** The token of a one-time link: it is in the fragment, which browsers do not send to any server. */
import { useEffect, useState } from 'react'

/** Reads the token once and takes it out of the address bar and the history. */
export function useToken(): string | undefined {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined)
  useEffect(() => {
    if (token !== undefined) history.replaceState(history.state, '', location.pathname)
  }, [token])
  return token
}
