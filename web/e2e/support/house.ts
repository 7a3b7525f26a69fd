/** A running house: the real binary (`WELLHOUSE_BINARY`) over a fresh folder, on free loopback ports. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
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
  /** The server's process; another one after `startAgain`. */
  pid(): number
  /** As a power cut ends it: nothing is said, nothing is finished. */
  kill(): Promise<void>
  /** Starts it again over the same folder, on the same ports. */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

/** The origins of the houses, and of what they were started beside: no page reaches any other. */
export const reachable = new Set<string>()

export const PASSWORD = 'seven wet otters juggle'

/** A port that no outgoing connection is given while a server is down: those have ports from 32768 on. */
export async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_000)
  const server = createServer()
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
  return free ? port : freePort()
}

function stopped(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

/** What a house is started with besides: its configuration as TOML, and what its pages may reach. */
export interface Besides {
  toml: string
  others: string[]
}

/** Starts the server and waits until it says that it is ready. `heard` is given each line of its log. */
export async function startHouse(
  settings: Record<string, string> = {},
  besides?: (folder: string, portal: string) => Promise<Besides>,
  heard?: (line: string) => void,
): Promise<House> {
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
  const start = (): ChildProcess => {
    const started = spawn(binary, args, { env, stdio: ['ignore', 'pipe', heard === undefined ? (log?.fd ?? 'inherit') : 'pipe'] })
    if (heard !== undefined && started.stderr) createInterface({ input: started.stderr }).on('line', heard)
    return started
  }
  let child = start()
  for (const address of [portal, `http://127.0.0.1:${s3Port}`, ...others]) reachable.add(new URL(address).origin)
  const setupLink = await readLink(child)
  await keepSecrets([PASSWORD, setupLink.split('#token=')[1] ?? ''])
  return {
    portal,
    s3: `http://127.0.0.1:${s3Port}`,
    setupLink,
    folder,
    pid: () => child.pid ?? 0,
    kill: () => stopped(child, 'SIGKILL'),
    startAgain: async () => {
      child = start()
      await untilReady(child)
    },
    stop: async () => {
      await stopped(child)
      await log?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function readLink(child: ChildProcess): Promise<string> {
  const lines = await linesUntil(child, (said) => ready(said) && /setup#token=/.test(said))
  const link = /\S+\/setup#token=\S+/.exec(lines)?.[0]
  if (link === undefined) throw new Error('the server ended before it printed the one-time link')
  return link
}

const ready = (said: string): boolean => said.includes('Wellhouse is ready')

async function untilReady(child: ChildProcess): Promise<void> {
  if (!ready(await linesUntil(child, ready))) throw new Error('the server ended before it was ready')
}

/** What it says until it has said enough. */
async function linesUntil(child: ChildProcess, enough: (said: string) => boolean): Promise<string> {
  if (!child.stdout) throw new Error('the server has no output')
  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    if (enough(said)) break
  }
  child.stdout.resume()
  return said
}
