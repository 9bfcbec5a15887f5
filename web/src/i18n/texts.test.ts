import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { de as accountDe } from './account.de'
import { en as accountEn } from './account.en'
import { de as adminDe } from './admin.de'
import { en as adminEn } from './admin.en'
import { de as callDe } from './call.de'
import { en as callEn } from './call.en'
import { de } from './de'
import { en } from './en'
import { de as factsDe } from './facts.de'
import { en as factsEn } from './facts.en'
import { de as noticeDe } from './notice.de'
import { en as noticeEn } from './notice.en'
import { de as panelsDe } from './panels.de'
import { en as panelsEn } from './panels.en'
import { de as peopleDe } from './people.de'
import { en as peopleEn } from './people.en'
import { de as proofDe } from './proof.de'
import { en as proofEn } from './proof.en'
import { de as refusalsDe } from './refusals.de'
import { en as refusalsEn } from './refusals.en'
import { de as scheduleDe } from './schedule.de'
import { en as scheduleEn } from './schedule.en'

const PAIRS = {
  pages: [en, de],
  call: [callEn, callDe],
  panels: [panelsEn, panelsDe],
  notice: [noticeEn, noticeDe],
  people: [peopleEn, peopleDe],
  account: [accountEn, accountDe],
  admin: [adminEn, adminDe],
  refusals: [refusalsEn, refusalsDe],
  schedule: [scheduleEn, scheduleDe],
  proof: [proofEn, proofDe],
  facts: [factsEn, factsDe],
} as const

type Text = string | ((...values: never[]) => string)

/** Every text with the way to it, such as `trouble.full.heading`; the parts of a list count as one text. */
function texts(words: unknown, path: string[] = []): [path: string[], text: Text][] {
  if (typeof words === 'string' || typeof words === 'function') return [[path, words as Text]]
  if (Array.isArray(words)) return words.map((text) => [path, text])
  return Object.entries(words as object).flatMap(([key, inner]) => texts(inner, [...path, key]))
}

/** What a text may say with any values: a function's own source holds its sentence. */
const plain = (text: Text) => (typeof text === 'string' ? text : text.toString())

/** The sources that could use a text: all but the texts themselves and the tests. */
function sources(folder = join(import.meta.dirname, '..')): string {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === 'i18n' ? [] : [sources(path)]
      return /(?<!\.test|\.stage|\.gen)\.(ts|svelte)$/.test(entry.name) ? [readFileSync(path, 'utf8')] : []
    })
    .join('\n')
}

/** Read as a property, listed in a destructuring, or written as a value of a closed list that is looked up by. */
function mentions(code: string, key: string): boolean {
  const name = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`\\.${name}(?![\\w-])|['"]${name}['"]|[{,]\\s*${name}\\s*[,}:]|^\\s*${name}:`, 'mu').test(code)
}

/** The same in both languages, and right so. */
const SHARED = new Set([
  'Klausur',
  'https://…/m/…',
  'Meeting',
  'Code',
  'Hand',
  'Esc',
  'Cmd',
  '',
  'Name',
  'Passkeys',
  'Administration',
  'Engine',
])

describe.each(Object.entries(PAIRS))('the texts of %s', (_, [english, german]) => {
  it('are the same ones in both languages, and none is empty in one only', () => {
    const paths = (words: unknown) =>
      texts(words).map(([path, text]) => `${path.join('.')}${text === '' ? ' (empty)' : ''}`)
    expect(new Set(paths(german))).toEqual(new Set(paths(english)))
  })

  it('are translated', () => {
    const own = new Map(texts(english).map(([path, text]) => [path.join('.'), plain(text)]))
    const same = texts(german).filter(
      ([path, text]) => own.get(path.join('.')) === plain(text) && !SHARED.has(plain(text)),
    )
    expect(same.map(([path, text]) => `${path.join('.')}: ${plain(text)}`)).toEqual([])
  })

  it('are all used', () => {
    const code = sources()
    const unused = texts(english)
      .map(([path]) => path)
      .filter((path) => !path.every((key) => mentions(code, key)))
    expect([...new Set(unused.map((path) => path.join('.')))]).toEqual([])
    expect(mentions(code, 'noSuchText')).toBe(false)
  })

  it('address people with “Sie”', () => {
    const familiar = /\b(du|dich|dir|dein\w*|euch|euer|eure\w*)\b/i
    expect(texts(german).filter(([, text]) => familiar.test(plain(text)))).toEqual([])
  })
})
