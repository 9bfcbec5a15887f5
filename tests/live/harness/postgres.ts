/** A PostgreSQL of the test's own, as the Python tests have it: tests/postgres.py starts it, and it ends with its input. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { REPOSITORY } from './places.ts'

export type PostgreSQL = {
  /** of an empty database, as DATABASE_URL takes it */
  address: string
  close(): Promise<void>
}

export async function startPostgreSQL(): Promise<PostgreSQL> {
  const python = join(REPOSITORY, '.venv/bin/python')
  const child = spawn(python, ['-m', 'tests.postgres'], { cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  for await (const address of createInterface(child.stdout)) {
    const close = async () => {
      child.stdin.end()
      await ended
    }
    return { address, close }
  }
  throw new Error('PostgreSQL did not start; script/test installs it where it can')
}
