import { useState } from 'react'
import type { FactorCode } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'

type Kind = 'code' | 'recovery'

/**
 * What somebody types to prove their second factor: a one-time code, or a recovery code instead. Who has no authenticator
 * types recovery codes alone.
 */
export function useFactorCode(totp: boolean) {
  const [chosen, setKind] = useState<Kind>('code')
  const kind = totp ? chosen : 'recovery'
  const [text, setText] = useState('')
  const code: FactorCode = kind === 'code' ? { code: text.trim() } : { recovery_code: text.trim() }
  const turn = (): void => {
    setKind(kind === 'code' ? 'recovery' : 'code')
    setText('')
  }
  return { kind, text, setText, turn, totp, code, missing: text.trim() === '' }
}

export function CodeField({ entry, error }: { entry: ReturnType<typeof useFactorCode>; error?: string | undefined }) {
  const { kind, text, setText, turn, totp } = entry
  const recovery = kind === 'recovery'
  return (
    <>
      <Field
        key={kind}
        label={recovery ? m.factor.recoveryCode() : m.factor.code()}
        hint={recovery ? m.factor.recoveryHint() : m.factor.codeHint()}
        value={text}
        onChange={setText}
        error={error}
        autoComplete={recovery ? 'off' : 'one-time-code'}
        inputMode={recovery ? 'text' : 'numeric'}
        mono
        required
        autoFocus={totp}
      />
      {totp ? (
        <div className="flush">
          <Button look="quiet" onPress={turn}>
            {recovery ? m.factor.byCode() : m.factor.byRecovery()}
          </Button>
        </div>
      ) : null}
    </>
  )
}
