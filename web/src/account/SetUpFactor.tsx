import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { confirmFactor, secondFactorQuery } from '../api/second-factor'
import { sessionQuery } from '../api/session'
import type { OfferedFactor } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { CopyText } from '../ui/CopyText'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Qr } from './Qr'

interface Props {
  offer: OfferedFactor
  onDone: (codes: readonly string[]) => void
  onClose: () => void
}

/** The seed, to be scanned or typed, and the code that shows that it was. */
export function SetUpFactor({ offer, onDone, onClose }: Props) {
  const [code, setCode] = useState('')
  const queries = useQueryClient()
  const confirm = useMutation({
    gcTime: 0,
    mutationFn: () => confirmFactor(code.trim()),
    onSuccess: async (codes) => {
      onDone(codes)
      await queries.invalidateQueries({ queryKey: secondFactorQuery.queryKey })
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
    },
    onError: (error) => {
      if (isProblem(error, 'code-refused')) setCode('')
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (code.trim() !== '') confirm.mutate()
  }
  return (
    <Dialog title={m.factor.setUp()} onClose={onClose} alert>
      <form className="dialog-form" onSubmit={submit} noValidate>
        <p>{m.factor.scan()}</p>
        <Qr rows={offer.qr} label={m.factor.qr()} />
        <details className="snippet">
          <summary>{m.factor.byHand()}</summary>
          <CopyText label={m.factor.secret()} text={grouped(offer.secret)} />
        </details>
        {confirm.error ? <Notice tone="bad">{problemAt(confirm.error)}</Notice> : null}
        <Field
          label={m.factor.code()}
          hint={m.factor.confirmHint()}
          value={code}
          onChange={setCode}
          autoComplete="one-time-code"
          inputMode="numeric"
          mono
          required
          autoFocus
        />
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="primary" type="submit" pending={confirm.isPending}>
            {m.factor.confirm()}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function grouped(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret
}

function problemAt(error: unknown): string {
  return isProblem(error, 'code-refused') ? m.factor.confirmRefused() : describe(error)
}
