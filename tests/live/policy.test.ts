/** What the server says beside its answers; matrix.test.ts tells that the pages live within it. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from './harness/index.ts'

let server: Server

beforeAll(async () => {
  server = await startServer()
})

afterAll(async () => {
  await server?.close()
})

const ANSWERS: [string, string, number[]][] = [
  ['GET', '/', [200]],
  ['GET', '/privacy', [200]],
  [`GET`, `/m/${'A'.repeat(22)}`, [200]],
  ['GET', '/nowhere.txt', [404]],
  ['GET', '/assets/none.js', [404]],
  ['GET', '/%2e%2e/%2e%2e/etc/passwd', [400, 404]],
  ['GET', '/healthz', [200]],
  ['GET', '/readyz', [200]],
  ['GET', '/api/operator', [200]],
  ['GET', '/api/openapi.json', [200]],
  ['GET', '/api/none', [404]],
  ['GET', `/api/meetings/${'A'.repeat(22)}`, [404]],
  ['DELETE', '/api/operator', [403, 405]],
  ['POST', '/api/meetings', [400, 403, 415, 422]],
  ['GET', '/rtc/v1/validate', [401]],
  ['GET', '/docs', [200, 404]],
]

describe('every answer', () => {
  test.for(ANSWERS)('%s %s carries the whole policy', async ([method, path, statuses]) => {
    const { status, headers } = await ask(method, path)
    expect(statuses).toContain(status)
    const policy = directives(String(headers['content-security-policy']))
    expect(policy['default-src']).toBe("'none'")
    for (const own of ['script-src', 'style-src', 'connect-src', 'worker-src']) expect(policy[own], own).toBe("'self'")
    expect(policy['frame-ancestors']).toBe("'none'")
    expect(policy['base-uri']).toBe("'none'")
    expect(policy['form-action']).toBe("'self'")
    expect(policy['require-trusted-types-for']).toBe("'script'")
    expect(policy['trusted-types']).toBe('svelte-trusted-html klausur')
    expect(String(headers['content-security-policy'])).not.toMatch(/unsafe|\*|https?:/)
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toMatch(/camera=\(self\)/)
    expect(headers['permissions-policy']).toMatch(/geolocation=\(\)/)
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers.server).toBeUndefined()
    if (!path.startsWith('/assets')) expect(headers['cache-control']).toBe('no-store')
  })

  test('a hashed asset may be kept for good', async () => {
    const page = await (await fetch(server.url)).text()
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? []
    const answer = await fetch(server.url + script)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toContain('immutable')
  })
})

describe('a request that is not meant for us', () => {
  test('with a foreign Host is refused', async () => {
    expect((await ask('GET', '/', { host: 'evil.example' })).status).toBeGreaterThanOrEqual(400)
    expect((await ask('GET', '/api/operator', { host: 'evil.example' })).status).toBeGreaterThanOrEqual(400)
  })

  test('that changes something with a foreign Origin is refused', async () => {
    const { status } = await ask('POST', '/api/meetings', { origin: 'https://evil.example' })
    expect(status).toBe(403)
  })
})

/** Without fetch's own ideas about paths and headers. */
function ask(method: string, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, string | string[] | undefined> }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers })
    })
    asked.on('error', reject)
    asked.end()
  })
}

function directives(policy: string): Record<string, string> {
  return Object.fromEntries(
    policy.split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(/\s+/)
      return [name, values.join(' ')]
    }),
  )
}
