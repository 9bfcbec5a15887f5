/**
 * node tests/live/screenshots.mjs FOLDER [WORD]: every page, language, scheme and size as a picture to look at.
 * With a word only the scenes on invented data whose names contain it, without a server.
 */
import { resolve } from 'node:path'
import { runnerImport } from 'vite'

const [folder, only] = process.argv.slice(2)
if (!folder) {
  console.error('Say where to: node tests/live/screenshots.mjs FOLDER [WORD]')
  process.exit(4)
}
const { module } = await runnerImport(resolve(import.meta.dirname, 'screenshots.ts'))
await (only === undefined ? module.takeAll(resolve(folder)) : module.takeScenes(resolve(folder), only))
