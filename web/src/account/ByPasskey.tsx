import { browserSupportsWebAuthn } from '@simplewebauthn/browser'
import { useMutation } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { signInByPasskey, wasLeft } from '../api/passkeys'
import { isProblem } from '../api/problem'
import type { Session } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'

/** Signing in without a name and a password, where the browser can. */
export function ByPasskey({ onDone }: { onDone: (session: Session) => void }) {
  const enter = useMutation({ gcTime: 0, mutationFn: signInByPasskey, onSuccess: onDone })
  if (!browserSupportsWebAuthn()) return null
  return (
    <div className="door-passkey">
      {enter.error ? <Notice tone="bad">{problemAt(enter.error)}</Notice> : null}
      <Button onPress={() => enter.mutate()} pending={enter.isPending}>
        <KeyRound size={16} aria-hidden /> {m.passkeys.signIn()}
      </Button>
    </div>
  )
}

function problemAt(error: unknown): string {
  if (isProblem(error, 'passkey-refused')) return m.passkeys.refused()
  if (isProblem(error, 'passkeys-unavailable')) return m.passkeys.noName()
  return wasLeft(error) ? m.passkeys.left() : describe(error)
}
