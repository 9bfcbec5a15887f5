/** The browser part, built as for production; built again when a source is newer. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CLIENT, REPOSITORY } from './places.ts'

export function buildClientIfStale(): void {
  const built = join(CLIENT, 'index.html')
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(REPOSITORY, 'web'))) return
  const vite = join(REPOSITORY, 'node_modules/vite/bin/vite.js')
  // The test runner's own NODE_ENV would make another, larger client of it.
  const env = { ...process.env, NODE_ENV: 'production' }
  execFileSync(process.execPath, [vite, 'build', 'web'], {
    cwd: REPOSITORY,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function newest(folder: string): number {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs)
  }
  return time
}
