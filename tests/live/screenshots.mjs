/** node tests/live/screenshots.mjs FOLDER: every page, language, scheme and size as a picture to look at. */
import { resolve } from 'node:path'
import { runnerImport } from 'vite'

const [folder] = process.argv.slice(2)
if (!folder) {
  console.error('Say where to: node tests/live/screenshots.mjs FOLDER')
  process.exit(4)
}
const { module } = await runnerImport(resolve(import.meta.dirname, 'screenshots.ts'))
await module.takeAll(resolve(folder))
