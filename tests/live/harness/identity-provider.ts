/** The organisation's identity provider, as a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Settings } from './server.ts'
import { eventually, GivenUp } from './waiting.ts'

export type IdentityProvider = {
  /** for the server that is its client */
  settings: Settings
  issuer: string
  /** what it told of itself, in order */
  events: string[]
  /** waits for that to have happened so many times */
  happened(event: string, times?: number): Promise<unknown>
  close(): Promise<void>
}

/** `site`: of the server that is its client, which may start later. */
export async function startIdentityProvider(site: string): Promise<IdentityProvider> {
  const script = join(import.meta.dirname, 'identity-provider.mjs')
  const child = spawn(process.execPath, [script, site], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const events: string[] = []
  let issuer = ''
  createInterface(child.stdout).on('line', (line) => {
    const told = line.startsWith('{') ? (JSON.parse(line) as { event: string; issuer?: string }) : { event: line }
    issuer = told.issuer ?? issuer
    events.push(told.event)
  })
  const happened = (event: string, times = 1) =>
    eventually(`the identity provider tells “${event}”`, () => {
      if (child.exitCode !== null) throw new GivenUp('the identity provider has ended')
      return events.filter((told) => told === event).length >= times
    })
  await happened('ready').catch((error) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    issuer,
    events,
    happened,
    settings: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: 'klausur',
      OIDC_CLIENT_SECRET: 'a secret: with + and %',
      OIDC_NAME: 'Example ID',
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}
