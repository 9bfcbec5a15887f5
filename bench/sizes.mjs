/**
 * B3: gzip bytes of JavaScript and CSS before the page before joining works, and before the first remote frame.
 * Reads the production build's manifest: what the entry loads statically, and the words of the one language that is
 * shown (the longer ones count); then what a call loads by itself. What opens by a click, and what only people with an
 * account see, is told too, without a budget.
 * Exits with 1 when a budget of budget.json is exceeded.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'web/dist')
const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'))
const budget = JSON.parse(readFileSync(join(ROOT, 'bench/budget.json'), 'utf8')).B3

/**
 * Files that loading `keys` brings, static imports and styles included; `lazy` follows dynamic imports too. The worker
 * for passwords is named beside that for media, and loaded by neither.
 */
function files(keys, lazy, seen = new Set(), found = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue
    seen.add(key)
    const chunk = manifest[key]
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])])
      if (/\.(js|css)$/.test(file) && !(file.includes('password.worker') && !lazy)) found.add(file)
    files([...(chunk.imports ?? []), ...(lazy ? (chunk.dynamicImports ?? []) : [])], lazy, seen, found)
  }
  return found
}

const gzip = (file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length
const sum = (set) => [...set].reduce((total, file) => total + gzip(file), 0)

const entry = Object.keys(manifest).filter((key) => manifest[key].isEntry)
const before = Object.keys(manifest).filter((key) => /pages\/before\b/i.test(key) && manifest[key].isDynamicEntry)
/** One of them, before anything is shown. */
const words = Object.keys(manifest)
  .filter((key) => /i18n\/(en|de)\.ts$/.test(key))
  .sort((a, b) => gzip(manifest[b].file) - gzip(manifest[a].file))
if (words.length !== 2) throw new Error('the words of the first page are not where they were')
const first = [...entry, words[0]]
const prejoin = files([...first, ...before], false)
/** What opens by a click, outside the call and in it, and what belongs to accounts: no frame waits for it. */
const LATER = /(pages\/(papers\.ts|call\/late\.ts|(people|schedule|proof)\/.*)|src\/(people|schedule|proof)\/.*)$/
const called = Object.keys(manifest).filter(
  (key) => manifest[key].isDynamicEntry && !LATER.test(key) && !words.includes(key),
)
const frame = files([...first, ...called], false)
const everything = files(Object.keys(manifest), true)

const rows = [
  {
    what: 'before the page before joining works',
    bytes: sum(prejoin),
    budget: budget.before_prejoin_gzip,
    files: [...prejoin],
  },
  {
    what: 'before the first remote frame',
    bytes: sum(frame),
    budget: budget.before_first_frame_gzip,
    files: [...frame],
  },
  { what: 'all there is', bytes: sum(everything), files: [...everything] },
]
const out = join(ROOT, 'out/bench/B3.json')
mkdirSync(dirname(out), { recursive: true })
writeFileSync(out, `${JSON.stringify({ id: 'B3', rows }, null, 2)}\n`)
for (const { what, bytes, budget, files } of rows)
  console.log(
    `B3  ${what.padEnd(38)} ${(bytes / 1024).toFixed(1)} KB gzip${budget ? ` of ${budget / 1024} KB` : ''}  (${files.length} files)`,
  )
if (rows.some(({ bytes, budget }) => bytes > budget)) {
  console.error('A size budget of bench/budget.json is exceeded.')
  process.exit(1)
}
