/** Commands on the machine that a house runs on. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { House } from './house'

export interface Said {
  code: number
  text: string
}

/** Where a house listens. */
function address(url: string): string {
  return url.replace(/^http:\/\/[^:]+/, '127.0.0.1')
}

/** Runs `wellhouse` over the data and the configuration of a house. */
export function onTheMachine(house: House, args: string[], settings: Record<string, string> = {}): Promise<Said> {
  const binary = process.env['WELLHOUSE_BINARY']
  if (!binary) throw new Error('WELLHOUSE_BINARY is not set: run the tests by `cargo xtask test`')
  const env = { PATH: '/usr/bin:/bin', WELLHOUSE_S3__LISTEN: address(house.s3), WELLHOUSE_PORTAL__LISTEN: address(house.portal), ...settings }
  const whole = [...args, '--data', join(house.folder, 'data'), '--config', join(house.folder, 'wellhouse.toml')]
  return new Promise((resolve) => {
    const child = execFile(binary, whole, { env }, (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, text: stdout + stderr }))
  })
}
