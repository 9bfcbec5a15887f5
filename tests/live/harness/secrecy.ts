/**
 * What nobody but the people of a meeting may learn, looked for in all that their browsers send and in all that the
 * server keeps, over everything that a test file does. Nothing has to be asked for: a server that is closed is searched.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** by what they are: said when one is found, never the secret itself */
const secrets = new Map<string, string>()
const sent: string[] = []

const SHORTEST = 5
/** Fields whose content is for the others in the meeting only, in both languages. */
const PRIVATE_FIELDS = new Set(['Your name', 'Ihr Name', 'Title', 'Titel'])
const LINK = /\/m\/[\w-]+\/?#([\w-]{43})\.[\w-]{22}(?:\.([\w-]{43}))?$/
const LARGEST = 20_000_000

export function keepSecret(text: string, what: string): void {
  if (text.trim().length >= SHORTEST) secrets.set(text.trim(), what)
}

export function filledIn(label: string, text: string): void {
  if (PRIVATE_FIELDS.has(label)) keepSecret(text, label)
}

/** Of a meeting or not. */
export function visited(url: string): void {
  const [, secret, seed] = LINK.exec(url) ?? []
  if (secret) keepSecret(secret, 'the secret of a link')
  if (seed) keepSecret(seed, 'the seed of a host key')
}

export function leftTheBrowser(...parts: (string | Buffer | undefined)[]): void {
  for (const part of parts) if (part !== undefined) sent.push(typeof part === 'string' ? part : part.toString('latin1'))
}

/** Throws when something has been sent, is in a file below `folder`, or in the log. */
export function nothingLeaked(folder: string, log: string): void {
  const places = { 'was sent by a browser': sent.join('\n'), 'is in the log': log, 'is in a file': contentOf(folder) }
  for (const [secret, what] of secrets)
    for (const [where, text] of Object.entries(places))
      for (const form of formsOf(secret)) if (text.includes(form)) throw new Error(`${what} ${where}`)
}

function formsOf(secret: string): Set<string> {
  const forms = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
  forms.add(Buffer.from(secret).toString('latin1'))
  if (secret.length === 43) {
    const raw = Buffer.from(secret, 'base64url')
    forms.add(raw.toString('latin1')).add(raw.toString('hex')).add(raw.toString('base64').replace(/=+$/, ''))
  }
  return forms
}

function contentOf(folder: string): string {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile() && statSync(path).size < LARGEST)
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}
