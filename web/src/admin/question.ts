/** What the simulator is asked, as its address holds it: a link to it asks the same again. */
import type { SimulationForm } from '../api/types'

export const WHO = ['person', 'role', 'stranger'] as const

export interface Question {
  who: (typeof WHO)[number]
  /** Of a person. */
  uid: string
  /** A group that the person might be in, too. */
  group: string
  /** Of a role. */
  role: string
  action: string
  /** Empty: the house's first. */
  bucket: string
  key: string
  /** Where the request comes from. */
  address: string
  /** As `datetime-local` has it: no zone, which is the browser's. */
  at: string
  plain: boolean
  /** Further condition keys: `key=value`, with `;` between them. */
  more: string
}

export const NOTHING: Question = { who: 'person', uid: '', group: '', role: '', action: 's3:GetObject', bucket: '', key: '', address: '', at: '', plain: false, more: '' }

/** The actions that people ask about; any other may be written. */
export const ACTIONS: readonly string[] = [
  's3:ListBucket',
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  's3:GetObjectVersion',
  's3:DeleteObjectVersion',
  's3:ListBucketVersions',
  's3:GetObjectTagging',
  's3:PutObjectTagging',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
  's3:GetBucketPolicy',
  's3:PutBucketPolicy',
  's3:DeleteBucket',
]

/** What the address says; what it does not is as it is at first. */
export function questionOf(search: Record<string, unknown>): Partial<Question> {
  const question: Partial<Question> = {}
  const who = WHO.find((one) => one === search['who'])
  if (who !== undefined) question.who = who
  for (const name of ['uid', 'group', 'role', 'action', 'bucket', 'key', 'address', 'at', 'more'] as const) {
    const text = search[name]
    // An address that was typed may hold numbers.
    if (typeof text === 'string' || typeof text === 'number') question[name] = String(text)
  }
  if (search['plain'] === true) question.plain = true
  return question
}

/** The same without what is as at first: a short address. */
export function searchOf(question: Question): Partial<Question> {
  const kept = Object.entries(question).filter(([name, value]) => name === 'action' || value !== Object.entries(NOTHING).find(([one]) => one === name)?.[1])
  return questionOf(Object.fromEntries(kept))
}

/** What is asked, or what is missing. */
export function formOf(question: Question, language: 'en' | 'de'): SimulationForm | undefined {
  const who = whoOf(question)
  if (who === undefined || question.action.trim() === '') return undefined
  const bucket = question.bucket === '' ? {} : { bucket: question.bucket }
  return { who, action: question.action.trim(), ...bucket, key: question.key, context: contextOf(question), language }
}

function whoOf({ who, uid, group, role }: Question): SimulationForm['who'] | undefined {
  switch (who) {
    case 'person':
      return uid === '' ? undefined : { kind: 'person', uid, ...(group === '' ? {} : { group }) }
    case 'role':
      return role === '' ? undefined : { kind: 'role', role }
    case 'stranger':
      return { kind: 'stranger' }
  }
}

/** What has no `=` is left out: it gives no value. */
export function contextOf({ address, at, plain, more }: Question): Record<string, string[]> {
  const context: Record<string, string[]> = { 'aws:SecureTransport': [String(!plain)] }
  if (address.trim() !== '') context['aws:SourceIp'] = [address.trim()]
  const time = at === '' ? Number.NaN : Date.parse(at)
  if (!Number.isNaN(time)) context['aws:CurrentTime'] = [new Date(time).toISOString()]
  for (const pair of more.split(';')) {
    const [key = '', ...value] = pair.split('=')
    if (value.length > 0 && key.trim() !== '') context[key.trim()] = [...(context[key.trim()] ?? []), value.join('=').trim()]
  }
  return context
}
