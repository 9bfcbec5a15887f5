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
    modulePreload: { polyfill: false },
    assetsDir: 'assets',
    emptyOutDir: true,
    sourcemap: false,
    reportCompressedSize: false,
    // What bench/sizes.mjs reads.
    manifest: true,
    license: { fileName: LICENCES },
  },
  worker: { format: 'es' },
})
