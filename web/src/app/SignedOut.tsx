import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { uploads } from '../upload/browser'

/** The session ended while a page was open: the guard of the route is asked again, and leads to the door. */
export function SignedOut() {
  const router = useRouter()
  useEffect(() => {
    uploads.reset()
    void router.invalidate()
  }, [router])
  return null
}
