import { defineConfig } from 'vitest/config'

/** Two files at a time: each brings its own engine and browsers, and most of their time they wait and watch. */
export default defineConfig({
  cacheDir: '../../node_modules/.vite/hostile',
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['../live/harness/setup.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    // On a machine that others share a browser may starve; what needed a second try is listed, and to be looked into.
    retry: process.env.CI ? 2 : 0,
    hookTimeout: 90_000,
  },
})
