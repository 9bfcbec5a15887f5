import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Real server, real engine, real browsers: one file after the other, so that two cores are enough. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: resolve(import.meta.dirname, '../../node_modules/.vite'),
  test: {
    include: ['*.test.ts'],
    globalSetup: [resolve(import.meta.dirname, 'harness/setup.ts')],
    fileParallelism: false,
    testTimeout: 240_000,
    // On a machine that others share a browser may starve; what needed a second try is listed, and to be looked into.
    retry: process.env.CI ? 2 : 0,
    hookTimeout: 60_000,
    slowTestThreshold: 60_000,
  },
})
