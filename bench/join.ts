/**
 * B1: from the click on "Join" to the first decoded remote frame, for the product and for a bare livekit-client page
 * without encryption, in turn, at the same engine and with the same browser on loopback.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus, release } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { RealEngine } from '../tests/hostile/stage/engine.ts'
import { Owner } from '../tests/hostile/stage/owner.ts'
import { LOCAL_MEDIA } from '../tests/live/harness/chromium.ts'
import { buildClientIfStale } from '../tests/live/harness/client.ts'
import { chromiumBinary } from '../tests/live/harness/places.ts'
import { startServer } from '../tests/live/harness/server.ts'

const ROOT = resolve(import.meta.dirname, '..')
const LIBRARY = join(ROOT, 'node_modules/livekit-client/dist/livekit-client.umd.js')
const FLAGS = [...LOCAL_MEDIA, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

type Run = { ms: number; marks: Record<string, number> }

/** Runs in the page: notes the click and the first presented frame of the first video that appears. */
function watch(): void {
  const noted = globalThis as unknown as { firstFrame: Promise<{ clicked: number; shown: number }> }
  noted.firstFrame = new Promise((resolve) => {
    let clicked = Number.NaN
    addEventListener(
      'click',
      (event) => {
        const button = (event.target as Element).closest('button')
        if (/^join$/i.test(button?.textContent?.trim() ?? '')) clicked = performance.now()
      },
      true,
    )
    const seen = new WeakSet<Element>()
    const look = () => {
      for (const video of document.querySelectorAll('video')) {
        if (seen.has(video)) continue
        seen.add(video)
        video.requestVideoFrameCallback(() => resolve({ clicked, shown: performance.now() }))
      }
    }
    addEventListener('DOMContentLoaded', () =>
      new MutationObserver(look).observe(document, { childList: true, subtree: true }),
    )
  })
}

async function clickAndWait(page: Page): Promise<Run> {
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  return page.evaluate(async () => {
    const noted = globalThis as unknown as { firstFrame: Promise<{ clicked: number; shown: number }> }
    const late = new Promise<never>((_, refuse) =>
      setTimeout(() => refuse(new Error('no picture within 20 s')), 20_000),
    )
    const { clicked, shown } = await Promise.race([noted.firstFrame, late])
    const marks = performance.getEntriesByType('mark').filter((mark) => mark.name.startsWith('klausur:'))
    return {
      ms: shown - clicked,
      marks: Object.fromEntries(marks.map((mark) => [mark.name.slice(8), mark.startTime - clicked])),
    }
  })
}

/** A fresh profile for each run: nothing is warm but what the page itself warms before the click. */
async function freshPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.addInitScript(watch)
  await page.goto(url)
  return page
}

async function joinProduct(browser: Browser, link: string): Promise<Run> {
  const page = await freshPage(browser, link)
  await page.getByRole('textbox', { name: 'Your name' }).pressSequentially('Gustav', { delay: 80 })
  const run = await clickAndWait(page)
  await page.getByRole('button', { name: 'Leave' }).click()
  await page.context().close()
  return run
}

async function joinBare(browser: Browser, place: string, url: string, token: string): Promise<Run> {
  const page = await freshPage(browser, place)
  await page.evaluate(([to, ticket]) => bare.offer(to, ticket), [url, token] as const)
  const run = await clickAndWait(page)
  await page.context().close()
  return run
}

async function hostMeeting(browser: Browser, url: string): Promise<string> {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await page.goto(url)
  await page.getByRole('button', { name: 'Start a meeting' }).click()
  await page.getByRole('textbox', { name: 'Your name' }).fill('Hanna')
  await page.getByRole('switch', { name: 'Camera' }).click()
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await page.getByRole('group', { name: 'Hanna (you)' }).locator('video').waitFor()
  return page.url()
}

async function barePlace(): Promise<{ url: string; close: () => void }> {
  const files: Record<string, string> = { '/livekit.js': LIBRARY, '/page.js': join(ROOT, 'bench/bare.page.js') }
  const html =
    '<!doctype html><meta charset="utf-8"><title>bare</title><body><script src="/livekit.js"></script><script src="/page.js"></script>'
  const server = createServer((request, answer) => {
    const file = files[request.url ?? '']
    answer.setHeader('content-type', file ? 'text/javascript' : 'text/html')
    answer.end(file ? readFileSync(file) : html)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2
}
const round = (value: number) => Math.round(value)
const summary = (runs: Run[]) => {
  const all = runs.map((run) => run.ms).sort((a, b) => a - b)
  return {
    median: round(median(all)),
    min: round(all[0] ?? 0),
    max: round(all.at(-1) ?? 0),
    runs: runs.map((run) => round(run.ms)),
  }
}
const medianMarks = (runs: Run[]) => {
  const names = Object.keys(runs[0]?.marks ?? {})
  return Object.fromEntries(names.map((name) => [name, round(median(runs.map((run) => run.marks[name] ?? 0)))]))
}

export async function main(count = 15): Promise<void> {
  buildClientIfStale()
  const engine = await RealEngine.start()
  const owner = new Owner(engine)
  const settings = {
    ENGINE: engine.url,
    ENGINE_KEY: engine.key.key,
    ENGINE_SECRET: engine.key.secret,
    OPEN_MEETINGS: 'anyone',
  }
  const server = await startServer({ settings })
  const place = await barePlace()
  const [publishers, joiners] = await Promise.all(
    [0, 1].map(() => chromium.launch({ executablePath: chromiumBinary(), args: FLAGS })),
  )
  if (!publishers || !joiners) throw new Error('no browsers')
  try {
    const link = await hostMeeting(publishers, server.url)
    await owner.makesRoom('bare')
    const publisher = await freshPage(publishers, place.url)
    await publisher.evaluate(([url, token]) => bare.publish(url, token), [
      owner.signalling,
      await owner.admits('publisher', 'bare'),
    ] as const)

    const product: Run[] = []
    const peer: Run[] = []
    for (let turn = -1; turn < count; turn++) {
      const mine = await joinProduct(joiners, link)
      const theirs = await joinBare(joiners, place.url, owner.signalling, await owner.admits(`joiner-${turn}`, 'bare'))
      if (turn < 0) continue // one turn to warm the machine, not counted
      product.push(mine)
      peer.push(theirs)
    }
    const result = {
      id: 'B1',
      machine: { cpus: cpus().length, model: cpus()[0]?.model, system: release(), browser: joiners.version() },
      product_ms: summary(product),
      bare_ms: summary(peer),
      ratio: Math.round((100 * median(product.map((run) => run.ms))) / median(peer.map((run) => run.ms))) / 100,
      marks_ms: medianMarks(product),
    }
    mkdirSync(join(ROOT, 'out/bench'), { recursive: true })
    writeFileSync(join(ROOT, 'out/bench/B1.json'), `${JSON.stringify(result, null, 2)}\n`)
    console.log(
      `B1  product, encrypted   median ${result.product_ms.median} ms  (${result.product_ms.min} to ${result.product_ms.max}, n=${count})`,
    )
    console.log(
      `    bare, in clear       median ${result.bare_ms.median} ms  (${result.bare_ms.min} to ${result.bare_ms.max}, n=${count})`,
    )
    console.log(`    ratio                ${result.ratio}`)
    console.log(`    after the click (ms) ${JSON.stringify(result.marks_ms)}`)
  } finally {
    await Promise.all([publishers.close(), joiners.close()])
    place.close()
    await server.close()
    await engine.stop()
  }
}

declare const bare: {
  publish(url: string, token: string): Promise<void>
  offer(url: string, token: string): void
}
