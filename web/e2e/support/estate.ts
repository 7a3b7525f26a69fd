/** The estate of a house, changed by hand with the AWS CLI, and read back. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { House } from './house'

const run = promisify(execFile)

function needed(variable: string): string {
  const value = process.env[variable]
  if (!value) throw new Error(`${variable} is not set: run the tests by \`cargo xtask test\``)
  return value
}

/** Does something to IAM as the account's root. */
export async function iam(house: House, ...args: string[]): Promise<void> {
  const keys = await readFile(join(house.folder, 'data', 'authority.keys'), 'utf8')
  const value = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(keys)?.[1] ?? ''
  const env = {
    PATH: '/usr/bin:/bin',
    AWS_ACCESS_KEY_ID: value('root-access-key-id'),
    AWS_SECRET_ACCESS_KEY: value('root-secret-access-key'),
    AWS_DEFAULT_REGION: 'us-east-1',
  }
  await run(needed('WELLHOUSE_TEST_AWS'), ['iam', ...args, '--endpoint-url', house.s3], { env })
}

function address(url: string): string {
  return url.replace(/^http:\/\/[^:]+/, '127.0.0.1')
}

async function estate(house: House, ...args: string[]): Promise<void> {
  const env = { PATH: '/usr/bin:/bin', WELLHOUSE_S3__LISTEN: address(house.s3), WELLHOUSE_PORTAL__LISTEN: address(house.portal) }
  await run(needed('WELLHOUSE_BINARY'), [...args, '--data', join(house.folder, 'data')], { env })
}

/** Reads the estate back and keeps what differs, as the server does by itself every few hours. */
export async function readBack(house: House): Promise<void> {
  // 2: there are differences.
  await estate(house, 'plan', '--record').catch((error: { code?: number }) => {
    if (error.code !== 2) throw error
  })
}

/** Makes the estate as it is described. */
export async function apply(house: House): Promise<void> {
  await estate(house, 'apply', '--yes')
}
