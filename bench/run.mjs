/** Runs a TypeScript measurement with what is installed anyway: `node bench/run.mjs join`. */
import { resolve } from 'node:path'
import { runnerImport } from 'vite'

const [name, count] = process.argv.slice(2)
const { module } = await runnerImport(resolve(import.meta.dirname, `${name}.ts`))
await module.main(count ? Number(count) : undefined)
process.exit(0)
