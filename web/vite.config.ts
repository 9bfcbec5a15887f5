import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte(), licencesOfDrawings()],
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
