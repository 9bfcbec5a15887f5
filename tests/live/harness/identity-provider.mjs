/**
 * A real identity provider (npm: oidc-provider, certified) as a process of its own, with one client and whoever types
 * a name. It ends with its input.
 *
 * node identity-provider.mjs SITE     prints a JSON line when it listens, and one for each event of interest
 */
import { generateKeyPair, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Provider } from 'oidc-provider'

const [site] = process.argv.slice(2)
const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
/** An address, while ours is a name: to browsers the two are sites apart, as they are in earnest. */
const issuer = `http://127.0.0.1:${server.address().port}`

// Not the one that waits: to export its key as a JWK hangs for ever where garbage is collected meanwhile (Node 20).
const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })

const page = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example ID</title>${body}</html>`

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'klausur',
      client_secret: 'a secret: with + and %',
      redirect_uris: [`${site}/api/signin/provider/callback`],
      post_logout_redirect_uris: [`${site}/signin`],
      backchannel_logout_uri: `${site}/api/signin/provider/logout`,
      backchannel_logout_session_required: true,
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  // Nobody is asked whether the house may know who they are.
  loadExistingGrant: async (ctx) => {
    const { client, session, params } = ctx.oidc
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
    grant.addOIDCScope(params.scope)
    await grant.save()
    return grant
  },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = page(`<h1>Sign out of Example ID?</h1>${form}
          <button type="submit" form="op.logoutForm" value="yes" name="logout">Yes</button>`)
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = page('<h1>Signed out of Example ID</h1>')
      },
    },
  },
  // Its own refuses addresses of this machine.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
})

const tell = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`)
for (const event of ['backchannel.success', 'backchannel.error', 'grant.error', 'server_error', 'authorization.error'])
  provider.on(event, (_, error) => tell(event, error instanceof Error ? { error: String(error) } : {}))

async function login(request, response) {
  if (request.method === 'POST') {
    const accountId = new URLSearchParams(await text(request)).get('name')
    await provider.interactionFinished(request, response, { login: { accountId } })
    return
  }
  response.setHeader('content-type', 'text/html')
  response.end(
    page(`<h1>Example ID</h1><form method="post"><label>Name at the provider <input name="name" required></label>
      <button type="submit">Continue</button></form>`),
  )
}

const answer = provider.callback()
server.on('request', (request, response) => {
  if (request.url === '/favicon.ico') return response.writeHead(204).end()
  const handled = request.url?.startsWith('/login/') ? login(request, response) : answer(request, response)
  Promise.resolve(handled).catch((error) => {
    tell('failed', { error: String(error) })
    response.writeHead(500).end()
  })
})
process.stdin.resume().on('end', () => process.exit(0))
tell('ready', { issuer })
