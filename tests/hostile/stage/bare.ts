/** Somebody at the engine whom no seat stands for: livekit-client as it comes, in a page of the test's own. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { LOCAL_MEDIA } from '../../live/harness/chromium.ts'
import type { Owner } from './owner.ts'

/** Encoded frames of one received track, before any decoder. */
export type Tap = {
  kind: 'audio' | 'video'
  frames: number
  sealed: number
  clear: number
  /** length and first bytes of a few frames in clear */
  samples: string[]
}

const local = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const LIBRARY = local('../../../node_modules/livekit-client/dist')
const ASSETS: Record<string, [type: string, path: string]> = {
  '/livekit.js': ['text/javascript', `${LIBRARY}/livekit-client.umd.js`],
  '/e2ee-worker.js': ['text/javascript', `${LIBRARY}/livekit-client.e2ee.worker.js`],
  '/page.js': ['text/javascript', local('bare.page.js')],
}
const PAGE =
  '<!doctype html><title>bare</title><body><script src="/livekit.js"></script><script type="module" src="/page.js"></script>'
const FLAGS = [...LOCAL_MEDIA, '--use-fake-device-for-media-stream=fps=10', '--use-fake-ui-for-media-stream']

/** One Chromium of outsiders, apart from the people's browsers. */
export class Outsiders {
  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly owner: Owner,
  ) {}

  static async gather(owner: Owner, executablePath: string): Promise<Outsiders> {
    const server = createServer(async (request, answer) => {
      const asset = ASSETS[request.url ?? '']
      answer.setHeader('content-type', asset ? asset[0] : 'text/html')
      answer.end(asset ? await readFile(asset[1]) : PAGE)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const browser = await chromium.launch({ executablePath, args: FLAGS })
    return new Outsiders(browser, server, owner)
  }

  /** Receives everything in the room and holds no key. */
  async listener(room: string, identity: string, { hidden = false, speaksData = false } = {}): Promise<Outsider> {
    const page = await this.page()
    const token = await this.owner.admits(identity, room, { canPublish: false, canPublishData: speaksData, hidden })
    await page.evaluate(([url, t]) => bare.listen(url, t), [this.owner.signalling, token] as const)
    return new Outsider(page)
  }

  /** Sends a picture and sound, in clear or under a key of its own. */
  async publisher(room: string, identity: string, options: { secret?: string } = {}): Promise<Outsider> {
    const page = await this.page()
    const token = await this.owner.admits(identity, room)
    await page.evaluate(([url, t, o]) => bare.publish(url, t, o), [this.owner.signalling, token, options] as const)
    return new Outsider(page)
  }

  /** Tries a token of its own choice at an address of its own choice: true when that opens anything. */
  async opens(url: string, token: string): Promise<boolean> {
    const page = await this.page()
    try {
      return await page.evaluate(
        ([u, t]) =>
          bare.listen(u, t).then(
            () => true,
            () => false,
          ),
        [url, token] as const,
      )
    } finally {
      await page.close()
    }
  }

  async sendHome(): Promise<void> {
    for (const context of this.browser.contexts()) await context.close()
  }

  async disperse(): Promise<void> {
    await this.browser.close()
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private async page(): Promise<Page> {
    const page = await this.browser.newPage()
    await page.goto(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`)
    await page.waitForFunction(() => 'bare' in globalThis)
    return page
  }
}

export class Outsider {
  constructor(private readonly page: Page) {}

  taps(): Promise<Tap[]> {
    return this.page.evaluate(() => bare.taps())
  }

  sendData(text: string, topic: string): Promise<void> {
    return this.page.evaluate(([t, about]) => bare.sendData(t, about), [text, topic] as const)
  }

  async leave(): Promise<void> {
    await this.page.evaluate(() => bare.leave()).catch(() => undefined)
    await this.page.close()
  }
}

declare const bare: {
  listen(url: string, token: string): Promise<void>
  publish(url: string, token: string, options: { secret?: string }): Promise<void>
  sendData(text: string, topic: string): Promise<void>
  taps(): Tap[]
  leave(): Promise<void>
}
