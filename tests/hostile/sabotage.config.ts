import { defineConfig } from 'vitest/config'

/** The campaign: hours of a small machine, so no part of CI. `script/sabotage` runs it. */
export default defineConfig({
  cacheDir: '../../node_modules/.vite/sabotage',
  test: {
    root: import.meta.dirname,
    include: ['sabotage.campaign.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
