import { createHash } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

/** What others wrote and we hand on: Vite lists the packages; the icons were taken over as drawings, without one. */
const LICENCES = 'licences.txt'

function licencesOfDrawings(): Plugin {
  return {
    name: 'licences-of-drawings',
    apply: 'build',
    writeBundle({ dir = '' }) {
      const lucide = readFileSync(new URL('src/ui/lucide.licence.txt', import.meta.url), 'utf8')
      appendFileSync(join(dir, LICENCES), `\n## lucide (icons)\n\n${lucide}`)
    },
  }
}

/** SHA-256 of every file as it was built, by which a check sees later whether that is what browsers get. */
const DIGESTS = '.vite/files.json'

function digestsOfFiles(): Plugin {
  return {
    name: 'digests-of-files',
    apply: 'build',
    writeBundle: {
      // After what the others write.
      order: 'post',
      sequential: true,
      handler({ dir = '' }) {
        const files = readdirSync(dir, { recursive: true, withFileTypes: true })
          .filter((file) => file.isFile())
          .map((file) => relative(dir, join(file.parentPath, file.name)))
          .filter((name) => !name.startsWith('.'))
        const digests = files.sort().map((name) => [
          name.split(sep).join('/'),
          createHash('sha256')
            .update(readFileSync(join(dir, name)))
            .digest('hex'),
        ])
        writeFileSync(join(dir, DIGESTS), `${JSON.stringify(Object.fromEntries(digests), null, 1)}\n`)
      },
    },
  }
}

/** By which a component's styles find their elements: under one name stands one set of styles. */
const scopes = new Map<string, string>()

function scopeOf(css: string, hash: string): string {
  const scope = `s-${hash.slice(-4)}`
  if (scopes.has(scope) && scopes.get(scope) !== css) throw new Error(`${scope} is the name of two sets of styles`)
  scopes.set(scope, css)
  return scope
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    // Shorter than Svelte's own, which stand on the first page some hundred times.
    svelte({ compilerOptions: { cssHash: ({ hash, css }) => scopeOf(css, hash(css)) } }),
    licencesOfDrawings(),
    digestsOfFiles(),
  ],
  publicDir: false,
  build: {
    target: ['chrome120', 'firefox121', 'safari17'],
    // Nothing may stand inline: the content security policy has no exception for it.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // What opens later names its parts itself: the list of them would stand on the first page.
      resolveDependencies: (file, parts) => (/\/(people|late)-[^/]*$/.test(file) ? [] : parts),
    },
    assetsDir: 'assets',
    emptyOutDir: true,
    sourcemap: false,
    reportCompressedSize: false,
    // What bench/sizes.mjs reads.
    manifest: true,
    // What the first page loads without waiting stays in one file: cut into many, it would be a tenth larger.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
    license: { fileName: LICENCES },
  },
  worker: { format: 'es' },
})
