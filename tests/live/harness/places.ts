/** Where the parts under test are, and a clear sentence when one is missing. */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

export const REPOSITORY = resolve(import.meta.dirname, '../../..')
export const CLIENT = join(REPOSITORY, 'web/dist')

export function klausur(): string {
  return present(join(REPOSITORY, '.venv/bin/klausur'), 'The Python environment is missing; run script/setup.')
}

/** The one that script/setup put beside the Python, unless the environment names another. */
export function engineBinary(): string {
  const named = process.env.KLAUSUR_ENGINE_BINARY
  if (named) return present(named, `KLAUSUR_ENGINE_BINARY names ${named}, which does not exist.`)
  const built = join(REPOSITORY, '.venv/bin/livekit-server')
  return present(built, 'There is no media engine; run script/setup, or set KLAUSUR_ENGINE_BINARY.')
}

export function chromiumBinary(): string {
  return (
    process.env.CHROMIUM ??
    executable(['chromium', 'chromium-browser', 'google-chrome'], 'Chromium is needed for the live tests.')
  )
}

export function firefoxBinary(): string {
  return process.env.FIREFOX ?? executable(['firefox-esr', 'firefox'], 'Firefox is needed for the live tests.')
}

export function temporaryFolder(purpose: string): string {
  return mkdtempSync(join(tmpdir(), `klausur-${purpose}-`))
}

function executable(names: string[], sentence: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const name of names) for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name)
  throw new Error(`${sentence} None of ${names.join(', ')} is on PATH.`)
}

function present(file: string, sentence: string): string {
  if (!existsSync(file)) throw new Error(sentence)
  return file
}
