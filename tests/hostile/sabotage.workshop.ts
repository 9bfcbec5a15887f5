/** A copy of the product in which guards can be cut out without touching the checkout. */
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { engineBinary, REPOSITORY, temporaryFolder } from '../live/harness/places.ts'
import type { Cut } from './sabotage.ts'

export type Outcome = { verdict: 'passed' | 'failed' | 'did not run'; messages: string[] }

const execute = promisify(execFile)

const COPIED = ['web', 'klausur', 'tests', 'package.json', 'tsconfig.json', 'pyproject.toml']
const LEFT_OUT = /\/(dist|node_modules|__pycache__)$/

export class Workshop {
  private readonly originals = new Map<string, string>()
  private built: string | undefined

  private constructor(private readonly folder: string) {}

  static open(): Workshop {
    const folder = temporaryFolder('sabotage')
    for (const part of COPIED)
      cpSync(join(REPOSITORY, part), join(folder, part), {
        recursive: true,
        filter: (source) => !LEFT_OUT.test(source),
      })
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
    ownKlausur(folder)
    return new Workshop(folder)
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  spoil(cuts: readonly Cut[]): void {
    for (const cut of cuts) {
      const path = join(this.folder, cut.file)
      const before = readFileSync(path, 'utf8')
      if (!this.originals.has(path)) this.originals.set(path, before)
      writeFileSync(path, removed(before, cut))
    }
  }

  mend(): void {
    for (const [path, text] of this.originals) writeFileSync(path, text)
    this.originals.clear()
  }

  /** Builds the client unless the one that stands was built from the same sources. */
  async build(): Promise<void> {
    const changed = [...this.originals.keys()].filter((path) => path.startsWith(join(this.folder, 'web')))
    const state = changed.map((path) => path + readFileSync(path, 'utf8')).join('\0')
    if (state === this.built) return
    this.built = undefined
    await execute('node', ['node_modules/vite/bin/vite.js', 'build', 'web'], { cwd: this.folder })
    this.built = state
  }

  async run(file: string, name: string): Promise<Outcome> {
    const report = join(this.folder, 'report.json')
    rmSync(report, { force: true })
    const chosen = ['-t', `${escaped(name)}$`, join('tests/hostile', file)]
    const output = ['--reporter=json', `--outputFile=${report}`]
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/hostile/vitest.config.ts']
    try {
      await execute('node', [...vitest, ...output, ...chosen], { cwd: this.folder, timeout: 240_000 })
    } catch {
      // a failed test is what most runs are for; the report says what happened
    }
    return judged(report)
  }
}

/** Replaces the one place where the guard stands; anything but exactly one is an error of the table. */
export function removed(text: string, { file, find, replace }: Cut): string {
  const parts = text.split(find)
  if (parts.length !== 2) throw new Error(`${file}: found ${parts.length - 1} times instead of once: ${find}`)
  return parts.join(replace)
}

function judged(report: string): Outcome {
  type Assertion = { status: string; failureMessages: string[] }
  let files: { assertionResults: Assertion[]; message: string }[]
  try {
    files = JSON.parse(readFileSync(report, 'utf8')).testResults
  } catch {
    return { verdict: 'did not run', messages: ['no report was written'] }
  }
  const ran = files.flatMap((file) => file.assertionResults).filter(({ status }) => /^(passed|failed)$/.test(status))
  const messages = [...files.map((file) => file.message), ...ran.flatMap((one) => one.failureMessages)].filter(Boolean)
  if (ran.length === 0) return { verdict: 'did not run', messages }
  return { verdict: ran.some(({ status }) => status === 'failed') ? 'failed' : 'passed', messages }
}

/** The environment's packages and engine with the copy's own `klausur`: what lies in the working folder comes first. */
function ownKlausur(folder: string): void {
  const bin = join(folder, '.venv/bin')
  mkdirSync(bin, { recursive: true })
  const python = join(REPOSITORY, '.venv/bin/python')
  const lines = ['#!/bin/sh', `cd '${folder}'`, `exec '${python}' -c 'from klausur.cli import main; main()' "$@"`, '']
  writeFileSync(join(bin, 'klausur'), lines.join('\n'))
  chmodSync(join(bin, 'klausur'), 0o755)
  symlinkSync(engineBinary(), join(bin, 'livekit-server'))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
