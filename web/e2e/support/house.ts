/** A running house: the real binary (`WELLHOUSE_BINARY`) over a fresh folder, on free loopback ports. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { keepSecrets, levelOfLogs, openLog } from './kept'

export interface House {
  portal: string
  s3: string
  setupLink: string
  folder: string
  /** What else a page may reach. */
  others: string[]
  stop(): Promise<void>
}

export const PASSWORD = 'seven wet otters juggle'

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('no port'))
      server.close(() => resolve(address.port))
    })
  })
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

/** What a house is started with besides: its configuration as TOML, and what its pages may reach. */
export interface Besides {
  toml: string
  others: string[]
}

/** Starts the server and waits until it says that it is ready. */
export async function startHouse(settings: Record<string, string> = {}, besides?: (folder: string, portal: string) => Promise<Besides>): Promise<House> {
  const binary = process.env['WELLHOUSE_BINARY']
  if (!binary) throw new Error('WELLHOUSE_BINARY is not set: run the tests by `cargo xtask test`')
  const folder = await mkdtemp(join(tmpdir(), 'wellhouse-e2e-'))
  const [portalPort, s3Port] = [await freePort(), await freePort()]
  const args = ['serve', '--data', join(folder, 'data'), '--portal-listen', `127.0.0.1:${portalPort}`, '--s3-listen', `127.0.0.1:${s3Port}`]
  const portal = `http://localhost:${portalPort}`
  const { toml, others } = besides === undefined ? { toml: '', others: [] } : await besides(folder, portal)
  if (toml !== '') {
    const config = join(folder, 'wellhouse.toml')
    await writeFile(config, toml)
    args.push('--config', config)
  }
  const env = { PATH: '/usr/bin:/bin', ...levelOfLogs(), ...settings }
  const log = await openLog(String(portalPort))
  const child = spawn(binary, args, { env, stdio: ['ignore', 'pipe', log?.fd ?? 'inherit'] })
  const setupLink = await readLink(child)
  await keepSecrets([PASSWORD, setupLink.split('#token=')[1] ?? ''])
  return {
    portal,
    s3: `http://127.0.0.1:${s3Port}`,
    setupLink,
    folder,
    others,
    stop: async () => {
      await stopped(child)
      await log?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function readLink(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the server has no output')
  let link = ''
  let ready = false
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Wellhouse is ready')) ready = true
    const found = /\S+\/setup#token=\S+/.exec(line)
    if (found) link = found[0]
    if (ready && link) break
  }
  if (!link) throw new Error('the server ended before it printed the one-time link')
  child.stdout.resume()
  return link
}
