// Runs the policy vectors on iam-simulate, an engine that others wrote, and prints for each what it
// comes to beside what the vector expects: JSON lines, and a summary as the last.
//
// The engine's core is called directly: its public face refuses actions, resources and keys that its
// tables do not hold, and would judge another request than the vector's.

import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import {
  loadPolicy,
  validateIdentityPolicy,
  validateResourcePolicy,
  validateSessionPolicy,
  validateTrustPolicy,
} from '@cloud-copilot/iam-policy'
import { authorize } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js'
import { DiscoveryContextKeyConstraints } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js'
import { AwsRequestImpl } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/request/request.js'
import { RequestContextImpl } from './node_modules/@cloud-copilot/iam-simulate/dist/esm/requestContext.js'

/** How long the other engine may think about one vector. */
const ANSWER_MS_MAX = 3_000

const FULL_ACCESS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
}

/** What the other engine has no words for. */
class Inexpressible extends Error {}

function policy(document, name) {
  const parsed = typeof document === 'string' ? JSON.parse(document) : document
  return loadPolicy(parsed, { name })
}

/** The one session policy that the other engine takes, from any number of one version. */
function sessionPolicy(documents) {
  if (documents === undefined || documents === null) return undefined
  const versions = new Set(documents.map((document) => document.Version))
  if (versions.size > 1) throw new Inexpressible('session policies of two versions')
  const statements = documents.flatMap((document) => document.Statement)
  return policy({ Version: [...versions][0] ?? '2012-10-17', Statement: statements }, 'session')
}

/** Organisation policies: a document is a level of its own, a list is a level. */
function levels(given, alsoThere) {
  return (given ?? []).map((level, at) => ({
    orgIdentifier: `level-${at}`,
    policies: [...alsoThere, ...[level].flat()].map((document, n) => policy(document, `${at}-${n}`)),
  }))
}

function principal(given) {
  if (typeof given === 'string') return given
  if (given.type === 'Anonymous') return { type: 'Anonymous' }
  return given.Service ?? given.Federated
}

/** The keys that follow from the principal, as the format of the vectors has them. */
function derived(given) {
  if (typeof given !== 'string') {
    if (given.Service !== undefined) {
      return { 'aws:PrincipalServiceName': given.Service, 'aws:PrincipalIsAWSService': 'true' }
    }
    if (given.Federated !== undefined) {
      return { 'aws:FederatedProvider': given.Federated, 'aws:PrincipalIsAWSService': 'false' }
    }
    return { 'aws:PrincipalType': 'Anonymous', 'aws:userid': 'anonymous' }
  }
  const [, partition, , , account, ...rest] = given.split(':')
  const [kind, ...names] = rest.join(':').split('/')
  const keys = { 'aws:PrincipalAccount': account, 'aws:PrincipalArn': given, 'aws:PrincipalIsAWSService': 'false' }
  switch (kind) {
    case 'user':
      return { ...keys, 'aws:PrincipalType': 'User', 'aws:username': names.at(-1) }
    case 'root':
      return { ...keys, 'aws:PrincipalType': 'Account', 'aws:userid': account }
    case 'federated-user':
      return { ...keys, 'aws:PrincipalType': 'FederatedUser' }
    case 'assumed-role': {
      const role = `arn:${partition}:iam::${account}:role/${names[0]}`
      return { ...keys, 'aws:PrincipalType': 'AssumedRole', 'aws:PrincipalArn': role }
    }
    default:
      return { ...keys, 'aws:PrincipalType': 'AssumedRole' }
  }
}

function context(vector) {
  const lowered = (keys) => Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value])
  const text = (value) => (Array.isArray(value) ? value.map(String) : String(value))
  const all = [...lowered(derived(vector.principal)), ...lowered(vector.context)]
  return Object.fromEntries(all.map(([key, value]) => [key, text(value)]))
}

function decide(vector) {
  const owner = vector.resource_account ?? vector.resource.split(':')[4]
  const account = owner || (typeof vector.principal === 'string' ? vector.principal.split(':')[4] : '000000000000')
  const request = new AwsRequestImpl(
    principal(vector.principal),
    { resource: vector.resource, accountId: account },
    vector.action,
    new RequestContextImpl(context(vector)),
  )
  const analysis = authorize({
    request,
    sessionPolicy: sessionPolicy(vector.session_policies),
    identityPolicies: vector.identity_policies.map((document, at) => policy(document, `identity-${at}`)),
    serviceControlPolicies: levels(vector.scps, []),
    resourceControlPolicies: levels(vector.rcps, [FULL_ACCESS]),
    resourcePolicy: vector.resource_policy ? policy(vector.resource_policy, 'resource') : undefined,
    permissionBoundaries: vector.boundary ? [policy(vector.boundary, 'boundary')] : undefined,
    vpcEndpointPolicies: undefined,
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]),
    },
    serviceSettings: {},
  })
  return { Allowed: 'Allow', ImplicitlyDenied: 'Deny', ExplicitlyDenied: 'explicit Deny' }[analysis.result]
}

/** Its validation looks at syntax alone, so it is asked only about what should be valid. Managed
 *  policies and boundaries have none of their own. */
const VALIDATIONS = {
  identity: validateIdentityPolicy,
  resource: validateResourcePolicy,
  session: validateSessionPolicy,
  trust: validateTrustPolicy,
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function validity(vector) {
  const validate = VALIDATIONS[vector.policy_kind]
  if (validate === undefined) throw new Inexpressible(`a policy of the kind ${vector.policy_kind}`)
  const document = parsed(vector.document)
  return document !== undefined && validate(document).length === 0 ? 'valid' : 'invalid'
}

/** What the other engine makes of a vector, or why it cannot be asked. */
function answer(vector) {
  try {
    return { theirs: vector.document === undefined ? decide(vector) : validity(vector) }
  } catch (error) {
    const why = error instanceof Inexpressible ? error.message : `it fails: ${error.message}`
    return { theirs: null, why }
  }
}

if (!isMainThread) {
  parentPort.on('message', (vector) => parentPort.postMessage(answer(vector)))
  parentPort.postMessage('ready')
}

/** Asks in a thread of its own, which is given up where a pattern keeps the other engine busy. */
class Engine {
  #worker
  #resolve

  async #start() {
    const worker = new Worker(new URL(import.meta.url))
    await once(worker, 'message')
    worker.on('message', (reply) => this.#resolve(reply))
    worker.on('exit', () => this.#resolve({ theirs: 'no answer' }))
    return worker
  }

  async ask(vector) {
    const worker = (this.#worker ??= await this.#start())
    const reply = new Promise((resolve) => (this.#resolve = resolve))
    const timer = setTimeout(() => {
      this.#worker = undefined
      worker.terminate()
    }, ANSWER_MS_MAX)
    worker.postMessage(vector)
    return reply.finally(() => clearTimeout(timer))
  }

  async stop() {
    await this.#worker?.terminate()
  }
}

/** What a vector expects, in the words of the report; of those that are not asked, nothing. */
function expected(vector) {
  if (vector.document !== undefined) return vector.valid ? 'valid' : undefined
  if (!['Allow', 'Deny'].includes(vector.expected)) return undefined
  return vector.expected_explicit ? 'explicit Deny' : vector.expected
}

/** The vectors of a folder that can be asked about, each with the name of its file. */
function vectors(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  return names.sort().flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)
    const all = lines.map((line) => ({ file: name.replace('.jsonl', ''), vector: JSON.parse(line) }))
    return all.filter(({ vector }) => expected(vector) !== undefined)
  })
}

async function main(folder) {
  const engine = new Engine()
  const summary = { vectors: 0, asked: 0, agreed: 0 }
  for (const { file, vector } of vectors(folder)) {
    const ours = expected(vector)
    const line = { file, name: vector.name, ours, ...(await engine.ask(vector)) }
    summary.vectors += 1
    summary.asked += line.theirs === null ? 0 : 1
    summary.agreed += line.theirs === ours ? 1 : 0
    console.log(JSON.stringify(line))
  }
  console.log(JSON.stringify(summary))
  await engine.stop()
}

if (isMainThread) {
  const folder = process.argv[2]
  if (folder === undefined) {
    console.error('usage: node simulate.js FOLDER')
    process.exit(2)
  }
  await main(folder)
}
