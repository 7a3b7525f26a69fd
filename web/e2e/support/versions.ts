/** The bucket of a house, set up otherwise than the estate has it: by an operator with the root user's key. Signed by hand, SigV4. */
import { createHash, createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { House } from './house'

const XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** What is deleted from now on is gone. */
export function keepNoVersions(house: House): Promise<void> {
  return put(house, 'versioning', `<VersioningConfiguration ${XMLNS}><Status>Suspended</Status></VersioningConfiguration>`)
}

/** What is deleted is gone after so many days. */
export function keepVersionsFor(house: House, days: number): Promise<void> {
  const rule = `<ID>by-hand</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><NoncurrentVersionExpiration><NoncurrentDays>${days}</NoncurrentDays></NoncurrentVersionExpiration>`
  return put(house, 'lifecycle', `<LifecycleConfiguration ${XMLNS}><Rule>${rule}</Rule></LifecycleConfiguration>`)
}

/** Nobody with this `uid` reads below a folder, whatever their roles say. The estate's own statements are set aside. */
export function denyReading(house: House, uid: string, folder: string): Promise<void> {
  const resource = `arn:aws:s3:::wellhouse/${folder}*`
  const statement = { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: resource, Condition: { StringEquals: { 'aws:PrincipalTag/uid': uid } } }
  return put(house, 'policy', JSON.stringify({ Version: '2012-10-17', Statement: [statement] }))
}

async function put(house: House, what: 'versioning' | 'lifecycle' | 'policy', body: string): Promise<void> {
  const keys = await readFile(join(house.folder, 'data', 'authority.keys'), 'utf8')
  const value = (name: string): string => new RegExp(`^${name}=(.+)$`, 'm').exec(keys)?.[1] ?? ''
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/us-east-1/s3/aws4_request`
  const { host } = new URL(house.s3)
  const headers = `host:${host}\nx-amz-content-sha256:${sha(body)}\nx-amz-date:${time}\n`
  const signed = 'host;x-amz-content-sha256;x-amz-date'
  const request = ['PUT', '/wellhouse', `${what}=`, headers, signed, sha(body)].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha(request)].join('\n')
  const key = ['us-east-1', 's3', 'aws4_request'].reduce(mac, mac(`AWS4${value('root-secret-access-key')}`, day))
  const signature = mac(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${value('root-access-key-id')}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
  const answer = await fetch(`${house.s3}/wellhouse?${what}=`, {
    method: 'PUT',
    headers: { authorization, 'x-amz-date': time, 'x-amz-content-sha256': sha(body) },
    body,
  })
  if (!answer.ok) throw new Error(`the ${what} was not set: ${answer.status} ${await answer.text()}`)
}
