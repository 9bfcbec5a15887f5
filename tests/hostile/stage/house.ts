/** The whole scene: the real engine, the liar before it, klausur before that, and people in real browsers. */
import {
  type Browser,
  chromiumBinary,
  eventually,
  join,
  joinByLink,
  launchChromium,
  launchFirefox,
  type Person,
  type PersonOptions,
  type Server,
  startMeeting,
  startServer,
} from '../../live/harness/index.ts'
import { Outsiders } from './bare.ts'
import { RealEngine } from './engine.ts'
import { LyingProxy } from './liar.ts'
import { Owner } from './owner.ts'

export const BROWSERS = ['Chromium', 'Firefox'] as const
export type BrowserName = (typeof BROWSERS)[number]

/** Somebody in a meeting, and what the engine calls them. */
export type Participant = { person: Person; identity: string; room: string }

type Arrival = { camera?: boolean; microphone?: boolean; init?: string[] }

function devices({ camera = true, microphone = true }: Arrival) {
  return { camera, microphone }
}

export class House {
  private readonly people: Person[] = []
  private readonly launched = new Map<BrowserName, Promise<Browser>>()
  private gathered: Promise<Outsiders> | undefined

  private constructor(
    readonly engine: RealEngine,
    readonly liar: LyingProxy,
    readonly owner: Owner,
    readonly server: Server,
  ) {}

  static async open(): Promise<House> {
    const engine = await RealEngine.start()
    const liar = await LyingProxy.start(engine.url)
    const settings = { ENGINE: liar.url, ENGINE_KEY: engine.key.key, ENGINE_SECRET: engine.key.secret }
    return new House(engine, liar, new Owner(engine), await startServer({ settings }))
  }

  async close(): Promise<void> {
    // What never started needs no closing, and must not keep the rest from it.
    await Promise.allSettled([...this.launched.values()].map(async (browser) => (await browser).close()))
    await this.gathered?.then((outsiders) => outsiders.disperse()).catch(() => undefined)
    await this.server.close()
    await this.liar.stop()
    await this.engine.stop()
  }

  /** Between two stories: nobody is left anywhere, and the liar tells the truth again. */
  async clear(): Promise<void> {
    this.liar.lies.clear()
    this.liar.obedient = true
    this.liar.oldSignalling = false
    await (await this.gathered)?.sendHome()
    for (const person of this.people.splice(0)) await person.close().catch(() => undefined)
  }

  /** They stay: an engine that did as klausur says would have removed them within seconds. */
  get outsiders(): Promise<Outsiders> {
    this.liar.obedient = false
    this.gathered ??= Outsiders.gather(this.owner, chromiumBinary())
    return this.gathered
  }

  async person(name: string, browser: BrowserName = 'Chromium', options: PersonOptions = {}): Promise<Person> {
    const person = await (await this.browser(browser)).person(name, options)
    this.people.push(person)
    return person
  }

  /** Opens a meeting as its host. */
  async hosts(name: string, browser?: BrowserName, arrival: Arrival = {}): Promise<Participant & { link: string }> {
    const person = await this.person(name, browser, { init: arrival.init ?? [] })
    const link = await startMeeting(person, this.server.url)
    const participant = await this.arrives(person, () => join(person, devices(arrival)))
    return { ...participant, link }
  }

  async joins(name: string, link: string, browser?: BrowserName, arrival: Arrival = {}): Promise<Participant> {
    const person = await this.person(name, browser, { init: arrival.init ?? [] })
    return this.arrives(person, () => joinByLink(person, link, devices(arrival)))
  }

  /** Does all that joining takes, whatever comes of it. */
  async tries(name: string, link: string, browser?: BrowserName, { init = [] }: Arrival = {}): Promise<Person> {
    const person = await this.person(name, browser, { init })
    await person.open(link)
    await person.fill('Your name', name)
    await person.click('switch', 'Camera')
    await person.click('switch', 'Microphone')
    await person.click('button', 'Join')
    return person
  }

  /** Whoever opens a new signalling connection while `join` runs is that person. */
  async arrives(person: Person, join: () => Promise<void>): Promise<Participant> {
    const before = new Set(this.liar.wires)
    await join()
    const wire = await eventually(`${person.name} is connected to the engine`, () =>
      [...this.liar.wires].find((candidate) => !before.has(candidate)),
    )
    return { person, identity: wire.identity, room: wire.room }
  }

  private browser(name: BrowserName): Promise<Browser> {
    const known = this.launched.get(name)
    if (known) return known
    const launching = name === 'Firefox' ? launchFirefox() : launchChromium()
    this.launched.set(name, launching)
    return launching
  }
}
