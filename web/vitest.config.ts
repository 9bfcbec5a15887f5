import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    restoreMocks: true,
    maxWorkers: 2,
    // Guards against what hangs, not a measure of time: two cores may be shared with a build.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The media worker's tests load it anew for each story: its state is the module's.
    server: { deps: { inline: ['livekit-client'] } },
  },
})
