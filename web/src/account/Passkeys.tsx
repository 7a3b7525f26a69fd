import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Pencil, Trash2 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { isThere, makePasskey, offerPasskey, passkeysQuery, removePasskey, renamePasskey, wasLeft } from '../api/passkeys'
import { secondFactorQuery } from '../api/second-factor'
import { sessionQuery } from '../api/session'
import type { Passkey } from '../api/types'
import { date, dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Confirm, Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { Failure, Loading, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'
import { RecoveryCodes } from './RecoveryCodes'

const NAME_CHARS_MAX = 64

/** The account's section on passkeys. */
export function Passkeys() {
  const { data, error, isPending, refetch } = useQuery(passkeysQuery)
  return (
    <section className="section narrow" aria-label={m.passkeys.title()}>
      <h2>{m.passkeys.title()}</h2>
      <p className="soft">{m.passkeys.text()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.passkeys.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Kept passkeys={data.passkeys} origin={data.origin ?? null} />}
    </section>
  )
}

function Kept({ passkeys, origin }: { passkeys: readonly Passkey[]; origin: string | null }) {
  const [adding, setAdding] = useState(false)
  const [codes, setCodes] = useState<readonly string[]>([])
  return (
    <>
      {passkeys.length === 0 ? <p>{m.passkeys.none()}</p> : null}
      {passkeys.length === 0 ? null : (
        <ul className="lines">
          {passkeys.map((passkey) => (
            <Row key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      <Place origin={origin} />
      {origin === location.origin ? (
        <div className="row-actions row-start">
          <Button look={passkeys.length === 0 ? 'primary' : 'plain'} onPress={() => setAdding(true)}>
            <KeyRound size={16} aria-hidden /> {m.passkeys.add()}
          </Button>
        </div>
      ) : null}
      {adding ? <Add onClose={() => setAdding(false)} onCodes={setCodes} /> : null}
      {codes.length === 0 ? null : <RecoveryCodes codes={codes} onClose={() => setCodes([])} />}
    </>
  )
}

/** Passkeys are bound to the name of the portal: why they cannot be made at this address. */
function Place({ origin }: { origin: string | null }) {
  if (origin === location.origin) return null
  if (origin === null) return <Notice tone="warn">{m.passkeys.noName()}</Notice>
  return (
    <Notice tone="warn">
      {m.passkeys.elsewhere()} <a href={`${origin}/account`}>{origin}</a>
    </Notice>
  )
}

function Row({ passkey }: { passkey: Passkey }) {
  const [open, setOpen] = useState<'rename' | 'remove'>()
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => withProof(() => removePasskey(passkey.id)),
    onSuccess: async () => {
      toast(m.passkeys.removed(passkey.name))
      await refreshAll(queries)
    },
    onError: (error) => toast(describe(error)),
    onSettled: () => setOpen(undefined),
  })
  const used = typeof passkey.used === 'string' ? m.passkeys.usedAt(dateTime(passkey.used)) : m.passkeys.unused()
  return (
    <li>
      <div>
        <strong>{passkey.name}</strong>
        <div className="soft">
          {m.passkeys.since(date(passkey.created))} · {used}
        </div>
      </div>
      <div className="row-actions">
        <Button look="quiet" label={m.passkeys.renameOf(passkey.name)} onPress={() => setOpen('rename')}>
          <Pencil size={16} aria-hidden />
        </Button>
        <Button look="quiet" label={m.passkeys.removeOf(passkey.name)} onPress={() => setOpen('remove')}>
          <Trash2 size={16} aria-hidden />
        </Button>
      </div>
      {open === 'rename' ? <Rename passkey={passkey} onClose={() => setOpen(undefined)} /> : null}
      {open === 'remove' ? (
        <Confirm
          title={m.passkeys.removeTitle(passkey.name)}
          action={m.passkeys.remove()}
          pending={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setOpen(undefined)}
        >
          <p>{m.passkeys.removeText()}</p>
        </Confirm>
      ) : null}
    </li>
  )
}

function Rename({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const queries = useQueryClient()
  const rename = useMutation({
    mutationFn: (name: string) => withProof(() => renamePasskey(passkey.id, name)),
    onSuccess: async () => {
      onClose()
      await refreshAll(queries)
    },
  })
  return (
    <NameDialog
      title={m.passkeys.rename()}
      action={m.passkeys.rename()}
      first={passkey.name}
      error={rename.error ? describe(rename.error) : undefined}
      pending={rename.isPending}
      onName={(name) => rename.mutate(name)}
      onClose={onClose}
    />
  )
}

interface AddProps {
  onClose: () => void
  onCodes: (codes: readonly string[]) => void
}

function Add({ onClose, onCodes }: AddProps) {
  const queries = useQueryClient()
  const add = useMutation({
    gcTime: 0,
    mutationFn: async (name: string) => makePasskey(name, await withProof(offerPasskey)),
    onSuccess: async (made) => {
      onClose()
      onCodes(made.recovery_codes)
      toast(m.passkeys.added())
      await refreshAll(queries)
    },
  })
  return (
    <NameDialog
      title={m.passkeys.add()}
      text={m.passkeys.addText()}
      action={m.passkeys.goOn()}
      first=""
      error={add.error ? problemAt(add.error) : undefined}
      pending={add.isPending}
      onName={(name) => add.mutate(name)}
      onClose={onClose}
    />
  )
}

interface NameProps {
  title: string
  text?: string
  action: string
  first: string
  error: string | undefined
  pending: boolean
  onName: (name: string) => void
  onClose: () => void
}

function NameDialog({ title, text, action, first, error, pending, onName, onClose }: NameProps) {
  const [name, setName] = useState(first)
  const [tried, setTried] = useState(false)
  const length = [...name.trim()].length
  const fits = length > 0 && length <= NAME_CHARS_MAX
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (fits) onName(name.trim())
  }
  return (
    <Dialog title={title} onClose={onClose} alert>
      <form className="dialog-form" onSubmit={submit} noValidate>
        {text === undefined ? null : <p>{text}</p>}
        {error === undefined ? null : <Notice tone="bad">{error}</Notice>}
        <Field
          label={m.passkeys.name()}
          hint={m.passkeys.nameHint()}
          value={name}
          onChange={setName}
          error={tried && !fits ? m.passkeys.nameWrong() : undefined}
          required
          autoFocus
        />
        <div className="foot">
          <Button onPress={onClose}>{m.common.cancel()}</Button>
          <Button look="primary" type="submit" pending={pending}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

async function refreshAll(queries: ReturnType<typeof useQueryClient>): Promise<void> {
  await queries.invalidateQueries({ queryKey: passkeysQuery.queryKey })
  await queries.invalidateQueries({ queryKey: secondFactorQuery.queryKey })
  await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
}

function problemAt(error: unknown): string {
  if (isThere(error)) return m.passkeys.there()
  return wasLeft(error) ? m.passkeys.left() : describe(error)
}
