import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte()],
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
  },
  worker: { format: 'es' },
})
