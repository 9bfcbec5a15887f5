import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte()],
  server: { port: 5174, strictPort: true, host: '127.0.0.1', fs: { allow: ['../..'] } },
  appType: 'spa',
})
