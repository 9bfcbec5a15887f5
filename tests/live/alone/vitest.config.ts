import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** What nothing-outside.test.ts runs inside a network namespace that has only the loopback. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: resolve(import.meta.dirname, '../../../node_modules/.vite'),
  test: { include: ['*.inside.ts'], fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 },
})
