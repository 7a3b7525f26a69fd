import { useMutation } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import type { ViewingForm } from '../api/types'
import { seeAs } from '../api/viewing'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { Bucket } from './Bucket'

/** Begins to see as a person. */
export function SeeAsPerson({ uid, name }: { uid: string; name: string }) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button onPress={() => setAsking(true)}>
        <Eye size={16} aria-hidden /> {ma.seeing.see()}
      </Button>
      {asking ? <Ask name={name} form={{ kind: 'person', uid }} onClose={() => setAsking(false)} /> : null}
    </>
  )
}

/** Begins to see as a role that is granted at a place. */
export function SeeAsRole({ role }: { role: string }) {
  const [asking, setAsking] = useState(false)
  const [bucket, setBucket] = useState('')
  const [prefix, setPrefix] = useState('')
  const form: ViewingForm = { kind: 'role', role, prefix, ...(bucket === '' ? {} : { bucket }) }
  return (
    <>
      <Button onPress={() => setAsking(true)}>
        <Eye size={16} aria-hidden /> {ma.seeing.seeRole(role)}
      </Button>
      {asking ? (
        <Ask name={role} form={form} onClose={() => setAsking(false)}>
          <Bucket chosen={bucket} onChange={setBucket} />
          <Field label={ma.grants.prefix()} hint={ma.grants.prefixHint()} value={prefix} onChange={setPrefix} mono />
        </Ask>
      ) : null}
    </>
  )
}

interface AskProps {
  name: string
  form: ViewingForm
  onClose: () => void
  children?: ReactNode
}

function Ask({ name, form, onClose, children }: AskProps) {
  const begin = useMutation({
    mutationFn: () => withProof(() => seeAs(form)),
    // What was shown to the administrator is not shown to whom they see as.
    onSuccess: () => window.location.assign('/'),
  })
  return (
    <Dialog title={ma.seeing.title(name)} onClose={onClose}>
      <p>{ma.seeing.text()}</p>
      {children}
      {begin.error ? <Notice tone="bad">{describe(begin.error)}</Notice> : null}
      <div className="foot">
        <Button onPress={onClose}>{m.common.cancel()}</Button>
        <Button look="primary" onPress={() => begin.mutate()} pending={begin.isPending}>
          {ma.seeing.begin()}
        </Button>
      </div>
    </Dialog>
  )
}
