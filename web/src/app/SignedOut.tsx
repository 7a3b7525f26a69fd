import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'

/** The session ended while a page was open: the guard of the route is asked again, and leads to the door. */
export function SignedOut() {
  const router = useRouter()
  useEffect(() => void router.invalidate(), [router])
  return null
}
