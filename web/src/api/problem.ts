/** A refused or failed request, as one error type. Parses RFC 9457 problem documents, which are untrusted until here. */
import type { Explanation } from './types'

export interface Existing {
  size: number
  modified: string
  /** Its entity tag, by which exactly it is replaced. */
  etag: string | undefined
  /** The CRC-64/NVME of the whole file in base64, where the store tells it. */
  crc64nvme: string | undefined
}

interface ProblemFacts {
  status: number
  code: string
  title: string
  detail: string | undefined
  field: string | undefined
  explanation: Explanation | undefined
  existing: Existing | undefined
}

/** The code of a request that got no answer at all. */
export const UNREACHABLE = 'unreachable'

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly facts: ProblemFacts

  constructor(facts: ProblemFacts) {
    super(facts.detail ?? facts.title)
    this.facts = facts
  }

  get code(): string {
    return this.facts.code
  }

  get status(): number {
    return this.facts.status
  }

  /** True when asking again later may help: nothing in the request itself was refused. */
  get passing(): boolean {
    const { status } = this.facts
    return status === 0 || status === 408 || status === 429 || status >= 500
  }
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code)
}

/** Reads a problem document; what is missing or of the wrong type is left out, never guessed. */
export function parseProblem(status: number, body: unknown): ApiProblem {
  const b = record(body)
  return new ApiProblem({
    status,
    code: text(b['code']) ?? `http-${status}`,
    title: text(b['title']) ?? `HTTP ${status}`,
    detail: text(b['detail']),
    field: text(b['field']),
    explanation: explanation(b['explanation']),
    existing: existing(b['existing']),
  })
}

export function unreachable(cause: unknown): ApiProblem {
  const detail = cause instanceof Error ? cause.message : undefined
  return new ApiProblem({
    status: 0,
    code: UNREACHABLE,
    title: 'No answer',
    detail,
    field: undefined,
    explanation: undefined,
    existing: undefined,
  })
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function existing(value: unknown): Existing | undefined {
  const v = record(value)
  const modified = text(v['modified'])
  return typeof v['size'] === 'number' && modified !== undefined ? { size: v['size'], modified, etag: text(v['etag']), crc64nvme: text(v['crc64nvme']) } : undefined
}

function explanation(value: unknown): Explanation | undefined {
  const v = record(value)
  const decision = v['decision']
  if (decision !== 'allowed' && decision !== 'explicit-deny' && decision !== 'implicit-deny') return undefined
  return {
    decision,
    principal: text(v['principal']) ?? '',
    action: text(v['action']) ?? '',
    resource: text(v['resource']) ?? '',
    policy_type: text(v['policy_type']) ?? null,
    policy: text(v['policy']) ?? null,
    statement: text(v['statement']) ?? null,
    role: text(v['role']) ?? '',
    message: text(v['message']) ?? '',
    near_miss: text(v['near_miss']) ?? null,
  }
}
