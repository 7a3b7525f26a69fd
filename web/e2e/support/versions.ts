/** Has the bucket of a house keep versions, as an operator sets it with the root user's key. Signed by hand: SigV4. */
import { createHash, createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { House } from './house'

const BODY = '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>'
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

export async function keepVersions(house: House): Promise<void> {
  const keys = await readFile(join(house.folder, 'data', 'authority.keys'), 'utf8')
  const value = (name: string): string => new RegExp(`^${name}=(.+)$`, 'm').exec(keys)?.[1] ?? ''
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/us-east-1/s3/aws4_request`
  const { host } = new URL(house.s3)
  const headers = `host:${host}\nx-amz-content-sha256:${sha(BODY)}\nx-amz-date:${time}\n`
  const signed = 'host;x-amz-content-sha256;x-amz-date'
  const request = ['PUT', '/wellhouse', 'versioning=', headers, signed, sha(BODY)].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha(request)].join('\n')
  const key = ['us-east-1', 's3', 'aws4_request'].reduce(mac, mac(`AWS4${value('root-secret-access-key')}`, day))
  const signature = mac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${value('root-access-key-id')}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
  const answer = await fetch(`${house.s3}/wellhouse?versioning=`, {
    method: 'PUT',
    headers: { authorization, 'x-amz-date': time, 'x-amz-content-sha256': sha(BODY) },
    body: BODY,
  })
  if (!answer.ok) throw new Error(`versions are not kept: ${answer.status} ${await answer.text()}`)
}
