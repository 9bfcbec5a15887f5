/**
 * One person at one browser, the same for Chromium and Firefox. Everything on the page is found by role and accessible
 * name, exactly as screens.md gives them, through the browser's own accessibility tree.
 */
import { filledIn } from './secrecy.ts'
import { eventually, type Given } from './waiting.ts'

export type Role =
  | 'alert'
  | 'button'
  | 'combobox'
  | 'dialog'
  | 'group'
  | 'heading'
  | 'link'
  | 'list'
  | 'listitem'
  | 'menu'
  | 'menuitem'
  | 'menuitemradio'
  | 'menuitemcheckbox'
  | 'region'
  | 'status'
  | 'switch'
  | 'textbox'
  | 'toolbar'

export type Language = 'en' | 'de'
export type Scheme = 'light' | 'dark'

export type PersonOptions = {
  language?: Language
  scheme?: Scheme
  width?: number
  height?: number
  /** scripts that run in each page before its own: for spies and for broken devices */
  init?: string[]
}

export type Request = { url: string; referrer: string; method: string }

/** A started browser; each person is a profile of their own in it. */
export interface Browser {
  readonly kind: 'chromium' | 'firefox'
  person(name: string, options?: PersonOptions): Promise<Person>
  close(): Promise<void>
}

type Wait = { within?: number }

export abstract class Person {
  /** every request of the page and its workers; WebSockets too, where the browser tells (see the connection spy) */
  readonly requests: Request[] = []
  /** console errors, uncaught errors and violated policies, in the browser's words */
  readonly complaints: string[] = []

  constructor(readonly name: string) {}

  abstract open(url: string): Promise<void>
  abstract url(): Promise<string>
  abstract reload(): Promise<void>
  /** one of Playwright's and Puppeteer's common names, such as Tab, Enter, Space, Escape, Control+D */
  abstract press(key: string): Promise<void>
  /** keeps a key down while something happens */
  abstract hold(key: string, meanwhile: () => Promise<void>): Promise<void>
  abstract type(text: string): Promise<void>
  abstract resize(width: number, height: number): Promise<void>
  abstract screenshot(file: string, fullPage?: boolean): Promise<void>
  /** a second tab of the same profile */
  abstract anotherTab(): Promise<Person>
  /** closes this tab at once, as its X does; the profile goes with the browser */
  abstract close(): Promise<void>
  /** runs in the page; the function may use nothing from outside but its argument */
  abstract evaluate<A, T>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T>

  /** the first element of that role and name that is shown, or undefined */
  protected abstract find(role: Role, name: string): Promise<Found | undefined>

  async sees(role: Role, name: string): Promise<boolean> {
    const found = await this.find(role, name)
    await found?.release()
    return found !== undefined
  }

  async see(role: Role, name: string, wait: Wait = {}): Promise<void> {
    await this.waitFor(`${this.name} sees the ${role} “${name}”`, () => this.sees(role, name), wait)
  }

  async gone(role: Role, name: string, wait: Wait = {}): Promise<void> {
    await this.waitFor(
      `${this.name} no longer sees the ${role} “${name}”`,
      async () => !(await this.sees(role, name)),
      wait,
    )
  }

  /** a real click in its middle, once it is there and enabled */
  async click(role: Role, name: string, wait: Wait = {}): Promise<void> {
    await this.waitFor(
      `${this.name} can click the ${role} “${name}”`,
      () =>
        this.use(role, name, async (found) => {
          if (!(await found.enabled())) return false
          await found.click()
          return true
        }),
      wait,
    )
  }

  /** replaces the text of a field, key by key unless it is long */
  async fill(name: string, text: string, wait: Wait = {}): Promise<void> {
    filledIn(name, text)
    await this.waitFor(
      `${this.name} can fill in “${name}”`,
      () =>
        this.use('textbox', name, async (found) => {
          await found.fill(text)
          return true
        }),
      wait,
    )
  }

  async select(name: string, option: string): Promise<void> {
    await this.waitFor(`${this.name} can choose “${option}” as “${name}”`, () =>
      this.use('combobox', name, (found) =>
        found.evaluate((element, wanted) => {
          const select = element as HTMLSelectElement
          const index = [...select.options].findIndex((each) => each.label === wanted || each.value === wanted)
          if (index < 0) return false
          select.selectedIndex = index
          select.dispatchEvent(new Event('input', { bubbles: true }))
          select.dispatchEvent(new Event('change', { bubbles: true }))
          return true
        }, option),
      ),
    )
  }

  /** null: no such attribute; waits for the element only */
  async attribute(role: Role, name: string, attribute: string): Promise<string | null> {
    return this.inside(role, name, (element, wanted) => element.getAttribute(wanted), attribute)
  }

  async waitForAttribute(role: Role, name: string, attribute: string, value: string, wait: Wait = {}): Promise<void> {
    await this.waitFor(
      `${attribute}=${value} at ${this.name}'s ${role} “${name}”`,
      async () => (await this.attribute(role, name, attribute)) === value,
      wait,
    )
  }

  /** the words in an element as they are shown (and read out) */
  async textOf(role: Role, name: string): Promise<string> {
    return this.inside(role, name, (element) => (element as HTMLElement).innerText, null)
  }

  async text(): Promise<string> {
    return this.evaluate(() => document.body.innerText, null)
  }

  async seeText(text: string, wait: Wait = {}): Promise<void> {
    await this.waitFor(`${this.name} reads “${text}”`, async () => (await this.text()).includes(text), wait)
  }

  async seeTextIn(role: Role, name: string, text: string, wait: Wait = {}): Promise<void> {
    await this.waitFor(
      `${this.name} reads “${text}” in the ${role} “${name}”`,
      async () => (await this.textOf(role, name)).includes(text),
      wait,
    )
  }

  async seeNoTextIn(role: Role, name: string, text: string, wait: Wait = {}): Promise<void> {
    await this.waitFor(
      `${this.name} no longer reads “${text}” in the ${role} “${name}”`,
      async () => !(await this.textOf(role, name)).includes(text),
      wait,
    )
  }

  /** runs in the page on one element, once it is there */
  async inside<A, T>(
    role: Role,
    name: string,
    run: (element: Element, argument: A) => T | Promise<T>,
    argument: A,
  ): Promise<T> {
    const result = await this.waitFor(`${this.name} has the ${role} “${name}”`, () =>
      this.use(role, name, async (found) => ({ value: await found.evaluate(run, argument) })),
    )
    return (result as { value: T }).value
  }

  /** as `eventually`; a failure tells what the person saw instead */
  async waitFor<T>(what: string, probe: () => T | Promise<T>, wait: Wait = {}): Promise<Given<T>> {
    try {
      return await eventually(what, probe, wait)
    } catch (error) {
      const seen = await this.text().catch(() => '(no page)')
      const tale = [
        `${(error as Error).message}`,
        `At ${await this.url().catch(() => '?')} ${this.name} read:`,
        seen.slice(0, 1500),
      ]
      throw new Error([...tale, ...this.complaints.slice(-10)].join('\n'))
    }
  }

  private async use<T>(role: Role, name: string, run: (found: Found) => Promise<T>): Promise<T | false> {
    const found = await this.find(role, name)
    if (!found) return false
    try {
      return await run(found)
    } finally {
      await found.release()
    }
  }
}

export interface Found {
  enabled(): Promise<boolean>
  click(): Promise<void>
  fill(text: string): Promise<void>
  evaluate<A, T>(run: (element: Element, argument: A) => T | Promise<T>, argument: A): Promise<T>
  release(): Promise<void>
}

/** A browser would stay in its page then; whoever opens a link comes anew. */
export function sameButForFragment(from: string, to: string): boolean {
  return from.split('#')[0] === to.split('#')[0]
}
