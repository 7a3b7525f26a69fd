import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { addGrant, grantsQuery, rolesQuery } from '../api/admin'
import type { Role } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Failure, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Select } from '../ui/Select'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'

const PRESELECTED = 'RegularUserRole'

/** The estate's other roles belong to the portal, to instances and to AWS; no person can hold them. */
const FOR_PERSONS: ReadonlySet<string> = new Set(['RegularUserRole', 'S3AccessRole', 'UploadRole', 'AdminRole'])

/** The form that gives a person a role somewhere; the least powerful role is preselected. */
export function AddGrant({ uid }: { uid: string }) {
  const { data: roles = [], error } = useQuery(rolesQuery)
  const [role, setRole] = useState(PRESELECTED)
  const [prefix, setPrefix] = useState('')
  const [title, setTitle] = useState('')
  const [tried, setTried] = useState(false)
  const queries = useQueryClient()
  const add = useMutation({
    mutationFn: () => withProof(() => addGrant(uid, { role, prefix: prefix.trim(), title: title.trim() })),
    onSuccess: async () => {
      toast(m.grants.added())
      setPrefix('')
      setTitle('')
      setTried(false)
      await queries.invalidateQueries({ queryKey: grantsQuery(uid).queryKey })
    },
  })
  if (error) return <Failure title={m.roles.failed()} error={error} />
  const badPrefix = prefix.trim() !== '' && !prefix.trim().endsWith('/') ? m.grants.prefixHint() : undefined
  const badTitle = title.trim() === '' ? m.grants.titleMissing() : undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (badPrefix === undefined && badTitle === undefined) add.mutate()
  }
  return (
    <form className="section narrow" onSubmit={submit} noValidate>
      <h2>{m.grants.add()}</h2>
      {add.error ? <Notice tone="bad">{describe(add.error)}</Notice> : null}
      <Select
        label={m.grants.role()}
        value={role}
        options={roles.filter(({ name }) => FOR_PERSONS.has(name)).map(({ name }) => ({ value: name, label: name }))}
        hint={purposeOf(roles, role)}
        onChange={setRole}
      />
      <Field
        label={m.grants.prefix()}
        hint={m.grants.prefixHint()}
        value={prefix}
        onChange={setPrefix}
        error={tried ? badPrefix : undefined}
        mono
      />
      <Field
        label={m.grants.titleLabel()}
        hint={m.grants.titleHint()}
        value={title}
        onChange={setTitle}
        error={tried ? badTitle : undefined}
        required
      />
      <Button look="primary" type="submit" pending={add.isPending}>
        {m.grants.add()}
      </Button>
    </form>
  )
}

function purposeOf(roles: readonly Role[], name: string): string | undefined {
  const role = roles.find((r) => r.name === name)
  return role === undefined ? undefined : m.roles.purpose(role.purpose)
}
