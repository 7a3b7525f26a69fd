/** The one client of the JSON API. Every call either gives the typed answer or throws an `ApiProblem`. */
import createClient from 'openapi-fetch'
import { parseProblem, unreachable } from './problem'
import type { paths } from './schema'

export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? 'http://localhost',
  headers: { accept: 'application/json' },
  fetch: (request) => globalThis.fetch(request),
})

interface Outcome<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Unwraps an answer with a body. */
export async function take<T>(call: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await settle(call)
  if (!response.ok || data === undefined) throw parseProblem(response.status, error)
  return data
}

/** Unwraps an answer that has no body. */
export async function finish(call: Promise<Outcome<unknown>>): Promise<void> {
  const { error, response } = await settle(call)
  if (!response.ok) throw parseProblem(response.status, error)
}

async function settle<T>(call: Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await call
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw unreachable(cause)
  }
}
