/** Puts very many small objects, faster than any SDK signs them, and asks what became of one: by the person's own temporary credentials. */
import { createHash, createHmac } from 'node:crypto'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import type { Page } from '@playwright/test'

const AT_ONCE = 16

interface Keys {
  access_key_id: string
  secret_access_key: string
  session_token: string
  region: string
  bucket: string
  prefix: string
}

/** A file to be put: its path in the location, its bytes, and its metadata, in the order of their names. */
export type Small = readonly [string, Buffer, Record<string, string>?]

/** Temporary credentials for a location of whoever is signed in on a page. */
export async function keysFor(page: Page, location: string): Promise<Keys> {
  const answer = await page.request.post('/api/v1/credentials', { headers: { 'sec-fetch-site': 'same-origin' }, data: { location } })
  return answer.json()
}

/** Puts all of them at the store, many at once. */
export async function fill(store: string, keys: Keys, files: Iterable<Small>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const left = files[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await put(agent, new URL(store), keys, next.value)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  agent.destroy()
}

/** What the store says of an object, beside its bytes. */
export function headersOf(store: string, keys: Keys, path: string): Promise<IncomingHttpHeaders> {
  const { host, hostname, port } = new URL(store)
  const way = wayTo(keys, path)
  const headers = signed('HEAD', host, way, keys, [Buffer.alloc(0), {}])
  return new Promise((done, failed) => {
    request({ hostname, port, method: 'HEAD', path: way, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? done(answer.headers) : failed(new Error(`${way}: ${answer.statusCode}`))))
    })
      .on('error', failed)
      .end()
  })
}

const wayTo = (keys: Keys, path: string): string => `/${keys.bucket}/${keys.prefix}${path}`.split('/').map(encoded).join('/')

function put(agent: Agent, store: URL, keys: Keys, [path, body, metadata = {}]: Small): Promise<void> {
  const way = wayTo(keys, path)
  const headers = signed('PUT', store.host, way, keys, [body, metadata])
  return new Promise((done, failed) => {
    const sent = request({ agent, host: store.hostname, port: store.port, method: 'PUT', path: way, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? done() : failed(new Error(`${way}: ${answer.statusCode}`))))
    })
    sent.on('error', failed)
    sent.end(body)
  })
}

/** Signature Version 4, in headers. */
function signed(method: 'HEAD' | 'PUT', host: string, way: string, keys: Keys, [body, metadata]: readonly [Buffer, Record<string, string>]): Record<string, string | number> {
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${at.slice(0, 8)}/${keys.region}/s3/aws4_request`
  const digest = sha256(body)
  const about = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]))
  const own = { host, 'x-amz-content-sha256': digest, 'x-amz-date': at, ...about, 'x-amz-security-token': keys.session_token }
  const names = Object.keys(own).join(';')
  const canonical = [method, way, '', ...Object.entries(own).map(([name, value]) => `${name}:${value}`), '', names, digest].join('\n')
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')
  const key = [at.slice(0, 8), keys.region, 's3', 'aws4_request'].reduce((made: Buffer, word) => hmac(made, word), Buffer.from(`AWS4${keys.secret_access_key}`))
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.access_key_id}/${scope}, SignedHeaders=${names}, Signature=${hmac(key, text).toString('hex')}`
  return { ...own, authorization, 'content-length': body.length }
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** As S3 canonicalizes the words of a path. */
const encoded = (word: string): string => encodeURIComponent(word).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
