/** The whole product on PostgreSQL: people meet, come back after a restart, and the meeting's end leaves no row. */
import { spawnSync } from 'node:child_process'
import { join as path } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Browser,
  join,
  joinByLink,
  launchChromium,
  leave,
  type Person,
  pictureIsShown,
  type Server,
  soundsArrive,
  startMeeting,
  startServer,
} from './harness/index.ts'
import { REPOSITORY } from './harness/places.ts'
import { type PostgreSQL, startPostgreSQL } from './harness/postgres.ts'

let database: PostgreSQL
let server: Server
let browser: Browser
let hanna: Person
let gustav: Person

beforeAll(async () => {
  ;[database, browser] = await Promise.all([startPostgreSQL(), launchChromium()])
  server = await startServer({ settings: { DATABASE_URL: database.address, OPEN_MEETINGS: 'anyone' } })
  hanna = await browser.person('Hanna')
  gustav = await browser.person('Gustav')
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await database?.close()
})

/** What stands in a table, asked by the server's own driver. */
function count(table: string): number {
  const question = `import psycopg, sys; print(psycopg.connect(sys.argv[1]).execute('SELECT count(*) FROM ${table}').fetchone()[0])`
  const python = path(REPOSITORY, '.venv/bin/python')
  const asked = spawnSync(python, ['-c', question, database.address], { encoding: 'utf8' })
  if (asked.status !== 0) throw new Error(asked.stderr)
  return Number(asked.stdout)
}

test('two people meet, and the rows are in PostgreSQL', async () => {
  const link = await startMeeting(hanna, server.url)
  await join(hanna, { title: 'Works council' })
  await joinByLink(gustav, link)
  await Promise.all([pictureIsShown(hanna, 'Gustav'), pictureIsShown(gustav, 'Hanna')])
  await Promise.all([soundsArrive(hanna, 1), soundsArrive(gustav, 1)])
  expect(count('seats')).toBe(2)
})

test('the server is started anew, and they are back in their call', async () => {
  await server.restart()
  await Promise.all([pictureIsShown(hanna, 'Gustav'), pictureIsShown(gustav, 'Hanna')])
  expect(count('seats')).toBe(2)
})

test('who leaves is gone for the other', async () => {
  await leave(gustav)
  await hanna.gone('group', 'Gustav')
  await leave(hanna)
})

test('the log names neither the password nor the people', () => {
  const password = new URL(database.address).password
  expect(password).not.toBe('')
  for (const word of [password, 'Hanna', 'Gustav', 'Works council']) expect(server.log).not.toContain(word)
})
