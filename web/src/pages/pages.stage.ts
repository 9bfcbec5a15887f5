import { flushSync, mount, unmount } from 'svelte'
import { vi } from 'vitest'
import { Devices } from '../call/devices'
import type { Call, CallState, Ending, JoinWish, Person } from '../call/model'
import { QUIET } from '../call/model.stage'
import { de } from '../i18n/de'
import { en } from '../i18n/en'
import { type Language, Speech } from '../i18n/speech.svelte'
import { PeopleApi } from '../people/api'
import { People } from '../people/people'
import App from './App.svelte'
import type { Backstage, Found, Operator, Refusal, Visit } from './backstage'

export const LINK = `/m/${'M'.repeat(22)}#${'S'.repeat(43)}.${'K'.repeat(22)}`

/** A server at which there is one meeting, and what this tab asks there. */
export class House {
  /** of the tab, as a reload finds it */
  held: JoinWish | undefined
  found: Found | Refusal = { title: '', host: false, waitingRoom: true }
  start: Awaited<ReturnType<Backstage['start']>> = { address: LINK }
  visited: Awaited<ReturnType<Backstage['visit']>> | undefined
  private pages: ReturnType<typeof mount> | undefined
  readonly calls: CallOnStage[] = []
  readonly joined: JoinWish[] = []
  visits = 0
  /** whether what the host sets is saved */
  saves = true
  readonly waitingRoomWishes: boolean[] = []
  /** in place of a call on this stage */
  call: Call | undefined
  /** in the call from its beginning */
  inside: Person[] = []

  operator: Operator | null = {
    name: '',
    contact: '',
    open: true,
    closed: false,
    retention: undefined,
    guests: true,
    signIn: { passkeys: true, provider: null },
  }
  /** nobody is signed in, and nothing answers */
  people = new People(
    new PeopleApi(async () =>
      Response.json({ account: null, strong: false, has_password: false, has_totp: false, notices: [] }),
    ),
  )

  readonly backstage: Backstage = {
    devices: new Devices(undefined),
    operator: async () => this.operator,
    people: async () => this.people,
    start: async () => this.start,
    visit: async () => {
      this.visits += 1
      return this.visited ?? this.visit
    },
  }

  private readonly visit: Visit = {
    look: async () => this.found,
    saveTitle: async () => true,
    saveWaitingRoom: async (on) => {
      this.waitingRoomWishes.push(on)
      return this.saves
    },
    warm: () => undefined,
    returning: async () => this.held,
    join: async (wish) => {
      this.joined.push(wish)
      if (this.call) return this.call
      const call = new CallOnStage(this.inside)
      this.calls.push(call)
      return call as unknown as Call
    },
  }

  /** Somebody opens a page. */
  enter(address: string, language: Language = 'en'): void {
    history.replaceState(null, '', address)
    const speech = new Speech(language, { en, de }[language])
    this.pages = mount(App, { target: document.body, props: { backstage: this.backstage, speech } })
  }

  async close(): Promise<void> {
    if (this.pages) await unmount(this.pages)
    document.body.innerHTML = ''
  }
}

/** A call that is still joining, unless there are people. */
export class CallOnStage {
  state: CallState = { kind: 'joining' }
  private tell: (state: CallState) => void = () => undefined
  left = false

  constructor(people: Person[]) {
    if (people.length > 0) this.state = { ...QUIET, people }
  }

  subscribe(listener: (state: CallState) => void): () => void {
    this.tell = listener
    listener(this.state)
    return () => undefined
  }
  end(ending: Ending): void {
    this.become({ kind: 'over', ending })
  }
  setIncomingVideo = async (on: boolean): Promise<void> => {
    if (this.state.kind === 'in') this.become({ ...this.state, incomingVideo: on })
  }
  show = (): (() => void) => () => undefined
  private become(state: CallState): void {
    this.state = state
    this.tell(state)
    flushSync()
  }
  leave = async (): Promise<void> => {
    this.left = true
  }
}

/** The call's pages are loaded when wanted, and on a machine that others share that takes its time. */
export function eventually<T>(probe: () => T): Promise<T> {
  return vi.waitFor(probe, { timeout: 30_000 })
}

function find<E extends HTMLElement>(selector: string, text: string): E | undefined {
  return [...document.querySelectorAll<E>(selector)].find((element) => element.textContent?.trim() === text)
}

export async function see<E extends HTMLElement>(selector: string, text: string): Promise<E> {
  return eventually(() => {
    const element = find<E>(selector, text)
    if (!element) throw new Error(`no ${selector} "${text}" in: ${document.body.textContent}`)
    return element
  })
}

export async function nameField(): Promise<HTMLInputElement> {
  return eventually(() => {
    const field = document.querySelector<HTMLInputElement>('input[autocomplete=nickname]')
    if (!field) throw new Error(`no field in: ${document.body.textContent}`)
    return field
  })
}

export function type(field: HTMLInputElement, text: string): void {
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
}
