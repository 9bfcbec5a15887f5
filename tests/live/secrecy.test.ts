/** The search that every other file ends with finds what it is there to find. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { temporaryFolder } from './harness/index.ts'
import { keepSecret, leftTheBrowser, nothingLeaked, visited } from './harness/secrecy.ts'

const SECRET = Buffer.from('a secret of thirty-two bytes....').toString('base64url')
const LINK = `http://localhost:8000/m/${'M'.repeat(22)}#${SECRET}.${'H'.repeat(22)}`
const folder = temporaryFolder('searched')

afterAll(() => writeFileSync(join(folder, 'file'), ''))

function written(bytes: string | Buffer): () => void {
  writeFileSync(join(folder, 'file'), bytes)
  return () => nothingLeaked(folder, '')
}

test('what was kept secret may be nowhere', () => {
  keepSecret('Käthe Canary', 'a name')
  visited(LINK)
  expect(written('nothing of the kind')).not.toThrow()
  expect(() => nothingLeaked(folder, `a line about ${SECRET}`)).toThrow('the secret of a link is in the log')
})

test.each([
  ['a name', 'as text', 'knock of Käthe Canary'],
  ['a name', 'in JSON', JSON.stringify({ name: 'Käthe Canary' })],
  ['a name', 'in an address', `?name=${encodeURIComponent('Käthe Canary')}`],
  ['the secret of a link', 'as bytes', Buffer.from(SECRET, 'base64url')],
  ['the secret of a link', 'in hexadecimal', Buffer.from(SECRET, 'base64url').toString('hex')],
])('%s is found in a file %s', (what, _form, bytes) => {
  expect(written(bytes)).toThrow(`${what} is in a file`)
})

test('what a browser sent is searched too', () => {
  expect(written('')).not.toThrow()
  leftTheBrowser('http://localhost:8000/api/meetings', JSON.stringify({ referer: LINK }))
  expect(written('')).toThrow('was sent by a browser')
})
