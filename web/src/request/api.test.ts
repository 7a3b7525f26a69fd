import { afterEach, expect, test, vi } from 'vitest'
import { requestApi } from './api'

const FORM = { location: '', path: 'a.txt', size: 3, content_type: '', last_modified: 0, conflict: 'fail' as const }

afterEach(() => vi.unstubAllGlobals())

/** Answers each request to begin in turn, and keeps by which key it came. */
function server(...answers: (number | 'lost')[]): string[] {
  const keys: string[] = []
  vi.stubGlobal('fetch', (_url: string, { body }: { body: string }) => {
    const { key }: { key: string } = JSON.parse(body)
    keys.push(key)
    const answer = answers[keys.length - 1]
    if (answer === 'lost') return Promise.reject(new TypeError('lost'))
    return Promise.resolve(new Response('{}', { status: answer ?? 201 }))
  })
  return keys
}

test('a file whose answer was lost is begun again by the same key, and every other by its own', async () => {
  const keys = server('lost', 503, 201, 201)
  const { begin } = requestApi('/r/x')
  const { signal } = new AbortController()
  await expect(begin(FORM, signal)).rejects.toThrow()
  await expect(begin(FORM, signal)).rejects.toThrow()
  await begin(FORM, signal)
  await begin(FORM, signal)
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(keys.slice(1, 3)).toEqual([keys[0], keys[0]])
  expect(keys[3]).not.toBe(keys[0])
})

test('what was refused, and another file, are begun by new keys', async () => {
  const keys = server('lost', 400, 201, 201)
  const { begin } = requestApi('/r/x')
  const { signal } = new AbortController()
  await expect(begin(FORM, signal)).rejects.toThrow()
  await expect(begin(FORM, signal)).rejects.toThrow()
  await begin(FORM, signal)
  await begin({ ...FORM, size: 4 }, signal)
  expect(new Set(keys).size).toBe(3)
})
