/**
 * A certified OpenID provider on this machine (`oidc-provider`): `node provider.mjs PORT REDIRECT FILE`. Who may sign in, and
 * what is said of them, stands in FILE, which is read at each sign-in: { "ada": { "groups": ["fin"] } }.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Provider } from 'oidc-provider'

const [port, redirect, file] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const people = () => JSON.parse(readFileSync(file, 'utf8'))

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'wellhouse',
      client_secret: 'a secret of the tests',
      redirect_uris: [redirect],
      grant_types: ['authorization_code'],
      // Without it nobody who comes by this provider has proved themselves just now.
      require_auth_time: true,
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email', 'email_verified'], groups: ['groups'] },
  cookies: { keys: ['keys of the tests'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => (people()[id] ? { accountId: id, claims: () => ({ sub: id, preferred_username: id, ...people()[id] }) } : undefined),
})

const FORM = `<!doctype html><title>Provider</title><h1>Who are you?</h1>
  <form method="post"><label>Account <input name="login"></label>
  <button name="do" value="login">Sign in</button> <button name="do" value="leave">Cancel</button></form>`

/** Asks who it is; what the client asks for is always granted. */
async function interact(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response)
  if (prompt.name === 'consent') {
    const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }
  if (request.method !== 'POST') return response.setHeader('content-type', 'text/html').end(FORM)
  const form = new URLSearchParams(await text(request))
  const left = { error: 'access_denied', error_description: 'left' }
  const done = form.get('do') === 'leave' ? left : { login: { accountId: form.get('login'), amr: ['pwd'] } }
  return provider.interactionFinished(request, response, done)
}

const answer = provider.callback()
createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response)
  return interact(request, response).catch((error) => response.writeHead(400).end(String(error)))
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'))
