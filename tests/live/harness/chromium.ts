import type { BrowserContext, Browser as Driven, ElementHandle, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { type Browser, type Found, Person, type PersonOptions, type Role, sameButForFragment } from './person.ts'
import { chromiumBinary } from './places.ts'
import { leftTheBrowser, visited } from './secrecy.ts'
import { ALWAYS } from './spies.ts'

export type ChromiumOptions = {
  /** none: this machine has no camera and no microphone, and permission is refused */
  devices?: 'fake' | 'three of each' | 'none'
  /** false: the browser asks, and nobody answers but `permissions` */
  grant?: boolean
  args?: string[]
}

/** Media between browsers of this machine, and nothing of the browser's own business. */
export const LOCAL_MEDIA = [
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns,Translate,OptimizationHints,MediaRouter',
  '--allow-loopback-in-peer-connection',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Ten pictures a second move visibly and leave two cores something to do. */
const FAKE = { fake: 'fps=10', 'three of each': 'fps=10,device-count=3' }

export async function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  const { devices = 'fake', grant = true, args = [] } = options
  const driven = await chromium.launch({
    executablePath: chromiumBinary(),
    headless: true,
    args: [
      ...(devices === 'none' ? [] : [`--use-fake-device-for-media-stream=${FAKE[devices]}`]),
      ...(grant ? ['--use-fake-ui-for-media-stream'] : []),
      ...LOCAL_MEDIA,
      ...args,
    ],
  })
  return {
    kind: 'chromium',
    person: async (name, wishes = {}) => new ChromiumPerson(name, await newPage(driven, wishes)),
    close: () => driven.close(),
  }
}

async function newPage(driven: Driven, wishes: PersonOptions): Promise<Page> {
  const context = await driven.newContext({
    locale: wishes.language === 'de' ? 'de-DE' : 'en-US',
    colorScheme: wishes.scheme ?? 'light',
    viewport: { width: wishes.width ?? 1280, height: wishes.height ?? 800 },
  })
  for (const content of [...ALWAYS, ...(wishes.init ?? [])]) await context.addInitScript({ content })
  return context.newPage()
}

export class ChromiumPerson extends Person {
  constructor(
    name: string,
    readonly page: Page,
  ) {
    super(name)
    page.on('request', (request) => {
      this.requests.push({ url: request.url(), method: request.method(), referrer: request.headers().referer ?? '' })
      const body = request.postDataBuffer() ?? undefined
      leftTheBrowser(request.url(), JSON.stringify(request.headers()), body)
    })
    page.on('websocket', (socket) => {
      this.requests.push({ url: socket.url(), method: 'WEBSOCKET', referrer: '' })
      leftTheBrowser(socket.url())
      socket.on('framesent', ({ payload }) => leftTheBrowser(payload))
    })
    page.on('framenavigated', (frame) => visited(frame.url()))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()} ${message.location().url}`)
    })
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`))
  }

  get context(): BrowserContext {
    return this.page.context()
  }

  async open(url: string): Promise<void> {
    if (sameButForFragment(await this.url(), url)) await this.page.goto('about:blank')
    await this.page.goto(url, { waitUntil: 'domcontentloaded' })
  }

  async url(): Promise<string> {
    return this.page.url()
  }

  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'domcontentloaded' })
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key.replace(/\+([A-Z])$/, (_, letter: string) => `+${letter.toLowerCase()}`))
  }

  async hold(key: string, meanwhile: () => Promise<void>): Promise<void> {
    await this.page.keyboard.down(key)
    try {
      await meanwhile()
    } finally {
      await this.page.keyboard.up(key)
    }
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text)
  }

  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height })
  }

  async screenshot(file: string, fullPage = false): Promise<void> {
    await this.page.screenshot({ path: file, fullPage })
  }

  async anotherTab(): Promise<ChromiumPerson> {
    return new ChromiumPerson(this.name, await this.context.newPage())
  }

  async close(): Promise<void> {
    await this.page.close()
  }

  async evaluate<A, T>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T> {
    return (await this.page.evaluate(run as (argument: unknown) => unknown, argument)) as T
  }

  protected async find(role: Role, name: string): Promise<Found | undefined> {
    for (const handle of await this.page.getByRole(role, { name, exact: true }).elementHandles())
      if (await handle.isVisible()) return foundBy(handle as ElementHandle<Element>)
    return undefined
  }
}

function foundBy(handle: ElementHandle<Element>): Found {
  return {
    enabled: () => handle.isEnabled(),
    click: () => handle.click({ timeout: 25_000 }),
    fill: (text) => handle.fill(text),
    evaluate: async (run, argument) =>
      (await handle.evaluate(run as (element: Element, argument: unknown) => unknown, argument)) as Awaited<
        ReturnType<typeof run>
      >,
    release: () => handle.dispose(),
  }
}
