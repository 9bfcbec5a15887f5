import { defineConfig } from 'vitest/config'

/** One file at a time: each brings its own engine and browsers, and two cores have to do. */
export default defineConfig({
  cacheDir: '../../node_modules/.vite/hostile',
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['../live/harness/setup.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
})
