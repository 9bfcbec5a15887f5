/**
 * Nobody else is ever asked, and the server hears nothing it must not hear: everything both browsers say is recorded
 * byte for byte on its way, from the first page to the last.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join as path } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Browser,
  type Flow,
  flow,
  join,
  joinByLink,
  launchChromium,
  launchFirefox,
  leave,
  type Person,
  pictureIsShown,
  REPOSITORY,
  type Relay,
  type Server,
  SPY_SENT,
  startMeeting,
  startRelay,
  startServer,
  temporaryFolder,
} from './harness/index.ts'

const TITLE = 'Zwischenzeugnis'
const NAMES = ['Hannelore Unverwechselbar', 'Gustavus Einzigartig'] as const
/** where the server sees the browsers come from; no other part of the test says it */
const ADDRESS = process.platform === 'linux' ? '127.13.77.9' : '127.0.0.1'

let server: Server
let relay: Relay
let browsers: Browser[]
let people: Person[]
let netLog: string
let fragment: string
/** in the midst of the call, with the connections standing */
let flows: Flow[]

beforeAll(async () => {
  netLog = path(temporaryFolder('netlog'), 'chromium.json')
  server = await startServer({ settings: { LOG_LEVEL: 'debug' } })
  relay = await startRelay(server.port, ADDRESS)
  browsers = await Promise.all([launchChromium({ args: [`--log-net-log=${netLog}`] }), launchFirefox()])
  people = await Promise.all(browsers.map((browser, index) => browser.person(NAMES[index] ?? '', { init: [SPY_SENT] })))
  const [hanna, gustav] = people as [Person, Person]

  const link = await startMeeting(hanna, relay.url)
  fragment = new URL(link).hash.slice(1)
  await join(hanna, { title: TITLE })
  await joinByLink(gustav, link)
  await Promise.all([pictureIsShown(hanna, NAMES[1]), pictureIsShown(gustav, NAMES[0])])
  await hanna.click('button', 'Share screen')
  await pictureIsShown(gustav, `${NAMES[0]}'s screen`)
  await gustav.reload()
  await pictureIsShown(gustav, NAMES[0])
  flows = await Promise.all(people.map(flow))
  await Promise.all([hanna, gustav].map((person) => leave(person)))
  await gustav.click('button', 'Rejoin')
  await gustav.see('region', 'Meeting')
  await leave(gustav)
}, 90_000)

afterAll(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()))
  await relay?.close()
  await server?.close()
  rmSync(dirname(netLog), { recursive: true })
})

describe('the browsers', () => {
  test('ask nobody but our own origin, by whatever means', async () => {
    const own = new URL(relay.url)
    for (const person of people) {
      const sockets = await person.evaluate(() => window.spied.sockets.map(({ url }) => url), null)
      const asked = [...person.requests.map(({ url }) => url), ...sockets].map((url) => new URL(url))
      expect(asked.length).toBeGreaterThan(5)
      const elsewhere = asked.filter(
        (url) => url.host !== own.host && url.protocol !== 'data:' && url.protocol !== 'blob:',
      )
      expect(elsewhere.map(String), person.name).toEqual([])
    }
  })

  test('ask nobody for their own address, and hear of no address but the server’s', async () => {
    for (const { connections } of flows) {
      expect(connections.flatMap(({ iceServers }) => iceServers)).toEqual([])
      expect(new Set(connections.flatMap(({ remote }) => remote))).toEqual(new Set(['127.0.0.1']))
    }
  })

  test('Chromium’s own record of what pages asked for names nobody else', async () => {
    await browsers[0]?.close()
    // Only what a page began has an origin as its initiator; the browser's own housekeeping is its maker's affair.
    const asked = netLogOf(netLog).flatMap(({ params }) =>
      params?.initiator?.startsWith('http') && params.url ? [params.url] : [],
    )
    expect(asked.length).toBeGreaterThan(5)
    expect([...new Set(asked.map((url) => new URL(url).host))]).toEqual([new URL(relay.url).host])
  })
})

describe('the server', () => {
  /** with the parts of the link's fragment, and pieces of them that a cut-off log line might hold */
  const secrets = (): string[] => {
    const [secret = '', host = ''] = fragment.split('.')
    return [
      secret,
      secret.slice(0, 16),
      secret.slice(-16),
      host,
      TITLE,
      ...NAMES,
      NAMES[0].slice(0, 9),
      NAMES[1].slice(0, 8),
    ]
  }

  test('is sent no part of the fragment, no name, no title, no referrer', async () => {
    const said = relay.heard()
    expect(said).toContain('GET /m/')
    for (const secret of secrets()) expect(said).not.toContain(secret)
    expect(said).not.toMatch(/^referer:/im)
    expect(said).not.toMatch(/^cookie:/im)
    const wishes = [...said.matchAll(/join_request=([\w%-]+)/g)].map(([, wish]) =>
      unpacked(decodeURIComponent(wish ?? '')),
    )
    expect(wishes.length).toBeGreaterThanOrEqual(2)
    for (const wish of wishes) for (const secret of secrets()) expect(wish).not.toContain(secret)
  })

  test('is sent none of it over the sockets either', async () => {
    const sent = (await Promise.all(people.slice(1).map((person) => person.evaluate(() => window.sent, null)))).flat()
    expect(sent.length).toBeGreaterThan(0)
    for (const secret of secrets()) expect(sent.filter((message) => message.includes(secret))).toEqual([])
  })

  test('logs no name, title, address, ticket, proof or browser', () => {
    const tickets = [...relay.heard().matchAll(/access_token=([\w-]{20,})/g)].map(([, ticket]) => ticket ?? '')
    const bearers = [...relay.heard().matchAll(/^(?:authorization: bearer|klausur-link-proof:) ?([\w-]{20,})/gim)].map(
      ([, secret]) => secret ?? '',
    )
    expect(tickets.length).toBeGreaterThanOrEqual(2)
    expect(bearers.length).toBeGreaterThanOrEqual(2)
    expect(server.log).not.toBe('')
    for (const forbidden of [...secrets(), ...tickets, ...bearers, 'Mozilla', 'HeadlessChrome', 'Gecko'])
      expect(server.log).not.toContain(forbidden)
    if (ADDRESS !== '127.0.0.1') expect(server.log).not.toContain(ADDRESS)
  })

  test('stores none of it', () => {
    const stored = files(server.data).map((file) => readFileSync(file, 'latin1'))
    expect(stored.length).toBeGreaterThan(0)
    for (const secret of [...secrets(), ...(ADDRESS === '127.0.0.1' ? [] : [ADDRESS])])
      expect(stored.some((content) => content.includes(secret))).toBe(false)
  })
})

test('a whole meeting takes place where there is no network but the loopback', () => {
  const unshare = ['/usr/bin/unshare', '/bin/unshare'].find((file) => existsSync(file))
  if (!unshare) throw new Error('This test needs a Linux with unshare (util-linux) to take the network away.')
  const alone = path(REPOSITORY, 'tests/live/alone')
  const vitest = path(REPOSITORY, 'node_modules/vitest/vitest.mjs')
  const inner = [process.execPath, vitest, 'run', '--config', path(alone, 'vitest.config.ts')]
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user']
  const result = spawnSync(
    unshare,
    [...user, '--net', path(REPOSITORY, '.venv/bin/python'), path(alone, 'loopback_only.py'), ...inner],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
      timeout: 110_000,
    },
  )
  if (/unshare failed/.test(result.stderr))
    throw new Error(`This machine gives no network namespace, so the test cannot be made here: ${result.stderr.trim()}`)
  expect(result.status, `${result.stdout}\n${result.stderr}`).toBe(0)
}, 120_000)

/** A join request's protobuf, after base64url and gzip where it is compressed; strings in it stay readable. */
function unpacked(wish: string): string {
  const bytes = Buffer.from(wish, 'base64url')
  const start = bytes.indexOf(Buffer.from([0x1f, 0x8b]))
  return bytes.toString('latin1') + (start < 0 ? '' : gunzipSync(bytes.subarray(start)).toString('latin1'))
}

type NetLogEvent = { params?: { initiator?: string; url?: string } }

/** One event a line between the first and the last; a browser that was closed in haste leaves the end off. */
function netLogOf(file: string): NetLogEvent[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"params":') || line.startsWith('{"phase":'))
    .map((line) => JSON.parse(line.replace(/(,|\]\}?,?)$/, '')) as NetLogEvent)
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path(folder, name))
    .filter((file) => statSync(file).isFile())
}
