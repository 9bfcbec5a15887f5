import puppeteer, { type BrowserContext, type ElementHandle, type KeyInput, type Page } from 'puppeteer-core'
import {
  type Browser,
  type Found,
  type Language,
  Person,
  type PersonOptions,
  type Role,
  type Scheme,
  sameButForFragment,
} from './person.ts'
import { firefoxBinary } from './places.ts'
import { leftTheBrowser, visited } from './secrecy.ts'
import { ALWAYS } from './spies.ts'

/** Language and colours are the whole browser's here: WebDriver BiDi cannot set them for one profile. */
export type FirefoxOptions = { language?: Language; scheme?: Scheme; prefs?: Record<string, boolean | number | string> }

export async function launchFirefox({
  language = 'en',
  scheme = 'light',
  prefs = {},
}: FirefoxOptions = {}): Promise<Browser> {
  const driven = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefoxBinary(),
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.navigator.video.default_fps': 10,
      'media.peerconnection.ice.loopback': true,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      'media.autoplay.default': 0,
      // Without a network the browser would declare itself offline, and offer no connection, not even to itself.
      'network.manage-offline-status': false,
      'network.connectivity-service.enabled': false,
      'intl.accept_languages': language === 'de' ? 'de-DE, de' : 'en-US, en',
      'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1,
      ...prefs,
    },
  })
  return {
    kind: 'firefox',
    person: async (name, wishes = {}) => {
      const context = await driven.createBrowserContext()
      return FirefoxPerson.at(name, context, wishes)
    },
    close: () => driven.close(),
  }
}

export class FirefoxPerson extends Person {
  private constructor(
    name: string,
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly wishes: PersonOptions,
  ) {
    super(name)
    page.on('request', (request) => {
      this.requests.push({ url: request.url(), method: request.method(), referrer: request.headers().referer ?? '' })
      // This browser tells the address with what stands behind #, which it sends to nobody.
      leftTheBrowser(request.url().split('#')[0], JSON.stringify(request.headers()))
      // Of bodies this browser tells what it likes, and none once its page has gone.
      request.fetchPostData().then(leftTheBrowser, () => undefined)
    })
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error instanceof Error ? error.message : error}`))
  }

  static async at(name: string, context: BrowserContext, wishes: PersonOptions): Promise<FirefoxPerson> {
    // A tab behind another shows no pictures; a window of its own does.
    const page = await context.newPage({ type: 'window' })
    await page.setViewport({ width: wishes.width ?? 1280, height: wishes.height ?? 800 })
    for (const script of [...ALWAYS, ...(wishes.init ?? [])]) await page.evaluateOnNewDocument(script)
    return new FirefoxPerson(name, page, context, wishes)
  }

  async open(url: string): Promise<void> {
    visited(url)
    if (sameButForFragment(await this.url(), url)) await this.page.goto('about:blank')
    await this.page.goto(url, { waitUntil: 'domcontentloaded' })
  }

  async url(): Promise<string> {
    return this.page.evaluate(() => location.href)
  }

  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'domcontentloaded' })
  }

  async press(key: string): Promise<void> {
    const keys = key.split('+').map(named)
    const last = keys.pop() as KeyInput
    for (const modifier of keys) await this.page.keyboard.down(modifier)
    await this.page.keyboard.press(last)
    for (const modifier of keys.reverse()) await this.page.keyboard.up(modifier)
  }

  async hold(key: string, meanwhile: () => Promise<void>): Promise<void> {
    await this.page.keyboard.down(named(key))
    try {
      await meanwhile()
    } finally {
      await this.page.keyboard.up(named(key))
    }
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text)
  }

  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewport({ width, height })
  }

  async screenshot(file: string, fullPage = false): Promise<void> {
    await this.page.screenshot({ path: file as `${string}.png`, fullPage })
  }

  async anotherTab(): Promise<FirefoxPerson> {
    return FirefoxPerson.at(this.name, this.context, this.wishes)
  }

  async close(): Promise<void> {
    await this.page.close()
  }

  async evaluate<A, T>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T> {
    return (await this.page.evaluate(run as (argument: unknown) => unknown, argument)) as T
  }

  protected async find(role: Role, name: string): Promise<Found | undefined> {
    // To name everything for the accessibility tree holds Firefox up, and with it what is waited for.
    if (!(await this.page.evaluate(isWritten, name))) return undefined
    const handles = await this.page.$$(`aria/[name="${name}"][role="${role}"]`)
    let shown: ElementHandle<Element> | undefined
    for (const handle of handles) {
      if (!shown && (await handle.evaluate((element) => element.checkVisibility({ visibilityProperty: true }))))
        shown = handle
      else await handle.dispose()
    }
    return shown && foundBy(shown)
  }
}

/** Whether these words stand anywhere that a name can come from. */
function isWritten(name: string): boolean {
  const folded = (words: string | null) => words?.replace(/\s+/g, ' ') ?? ''
  if (folded(document.body.textContent).includes(name)) return true
  const sources = ['aria-label', 'title', 'alt', 'placeholder', 'value']
  const named = document.querySelectorAll(sources.map((source) => `[${source}]`).join())
  return [...named].some((element) => sources.some((source) => folded(element.getAttribute(source)).includes(name)))
}

/** BiDi wants the character of a key where it has one. */
function named(key: string): KeyInput {
  return (key === 'Space' ? ' ' : key.length === 1 ? key.toLowerCase() : key) as KeyInput
}

function foundBy(handle: ElementHandle<Element>): Found {
  return {
    enabled: () => handle.evaluate((element) => !element.matches(':disabled, [aria-disabled="true"]')),
    click: () => handle.click(),
    fill: async (text) => {
      await handle.focus()
      await handle.evaluate((element) => (element as HTMLInputElement).select())
      await handle.frame.page().keyboard.press('Backspace')
      await handle.type(text)
    },
    evaluate: async (run, argument) =>
      (await handle.evaluate(run as (element: Element, argument: unknown) => unknown, argument)) as Awaited<
        ReturnType<typeof run>
      >,
    release: () => handle.dispose(),
  }
}
