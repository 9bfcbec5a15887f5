import { PeopleApi } from '../../people/api'
import { Passkeys } from '../../people/passkeys'
import { PasswordKeys } from '../../people/password-keys'
import { People } from '../../people/people'
import type { AccountAnswer, Person, SessionAnswer } from '../../people/wire'
import { eventually } from '../pages.stage'

type Refusal = { code: string; status: number; retryAfter?: number }
export type Request = { what: string; body: unknown }

const IN_ONES_NAME = /^(POST|PUT|DELETE) \/api\/(account|proof)/

/** A server that says what a story has put down, by `METHOD /path`; changes are answered with nothing. */
export class Registry {
  readonly asked: Request[] = []
  private readonly answers = new Map<string, unknown>()
  private readonly refusals = new Map<string, Refusal>()
  /** waits for each request until it is told to go on */
  private gate: Promise<void> = Promise.resolve()

  /** `answer`: a value, or what makes one at each request and changes what others will be told */
  answer(what: string, answer: unknown): this {
    this.answers.set(what, answer)
    return this
  }

  refuse(what: string, code: string, { status = 409, retryAfter }: Partial<Refusal> = {}): this {
    this.refusals.set(what, { code, status, ...(retryAfter === undefined ? {} : { retryAfter }) })
    return this
  }

  relent(): void {
    this.refusals.clear()
  }

  hold(): () => void {
    let open: (() => void) | undefined
    this.gate = new Promise((resolve) => {
      open = resolve
    })
    return () => open?.()
  }

  /** what was asked to be changed */
  get changes(): Request[] {
    return this.asked.filter(({ what }) => !what.startsWith('GET '))
  }

  readonly fetch = async (url: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const what = `${init?.method ?? 'GET'} ${url}`
    this.asked.push({ what, body: init?.body ? JSON.parse(String(init.body)) : undefined })
    await this.gate
    const refusal = this.refusals.get(what)
    if (refusal) return problem(refusal)
    // Without a word on whose account it is the server changes none, and lets nothing be said in its name.
    const named = new Headers(init?.headers).has('klausur-account')
    if (!named && IN_ONES_NAME.test(what)) return problem({ code: 'signin_needed', status: 401 })
    const answer = this.answers.get(what)
    const value = typeof answer === 'function' ? answer() : answer
    return value === undefined ? new Response(null, { status: 204 }) : Response.json(value)
  }
}

function problem({ code, status, retryAfter }: Refusal): Response {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  return Response.json({ code }, { status, headers })
}

export function peopleAt(registry: Registry, passwords = new PasswordKeys(), passkeys = new Passkeys()): People {
  return new People(new PeopleApi(registry.fetch), passwords, passkeys, undefined)
}

export const ADA: Person = {
  id: 'a',
  name: 'ada',
  role: 'administrator',
  created_day: '2026-11-02',
  disabled: false,
  password: true,
  totp: true,
  passkeys: 1,
  provider: false,
}
export const HANNA: Person = {
  ...ADA,
  id: 'h',
  name: 'hanna',
  role: 'organiser',
  passkeys: 2,
  password: false,
  totp: false,
}
export const OLGA: Person = {
  ...ADA,
  id: 'o',
  name: 'olga',
  role: 'auditor',
  passkeys: 0,
  disabled: true,
  provider: true,
}

export const SIGNED_IN: SessionAnswer = {
  account: { id: 'a', name: 'ada', role: 'administrator' },
  strong: true,
  has_password: true,
  has_totp: true,
  notices: [],
}

export const ADAS_ACCOUNT: AccountAnswer = {
  id: 'a',
  name: 'ada',
  role: 'administrator',
  created_day: '2026-11-02',
  password: true,
  totp: true,
  backup_codes: 10,
  provider: false,
  passkeys: [{ id: 'pk', label: 'Office laptop', created_day: '2026-11-03', opens_vault: true, backed_up: true }],
  sessions: [
    {
      id: 's1',
      began_at: '2026-11-22T09:00:00Z',
      seen_hour: '2026-11-22T09:00:00Z',
      browser: 'Firefox',
      strong: true,
      here: true,
    },
    {
      id: 's2',
      began_at: '2026-11-21T18:30:00Z',
      seen_hour: '2026-11-21T20:00:00Z',
      browser: 'Chromium',
      strong: false,
      here: false,
    },
  ],
  vault: { version: 3, bytes: 2048 },
}

/** The region of that name. */
export async function region(name: string): Promise<HTMLElement> {
  return eventually(() => {
    const found = [...document.querySelectorAll<HTMLElement>('section')].find(
      (section) => document.getElementById(section.getAttribute('aria-labelledby') ?? '')?.textContent === name,
    )
    if (!found) throw new Error(`no region ${name} in: ${document.body.textContent}`)
    return found
  })
}

/** A control by what a screen reader calls it. */
export async function named<E extends HTMLElement>(selector: string, name: string, within?: HTMLElement): Promise<E> {
  return eventually(() => {
    const found = [...(within ?? document).querySelectorAll<E>(selector)].find((each) => nameOf(each) === name)
    if (!found) throw new Error(`no ${selector} “${name}” in: ${(within ?? document.body).textContent}`)
    return found
  })
}

function nameOf(element: HTMLElement): string | undefined {
  const label = element.closest('label')?.querySelector('span')
  return (element.getAttribute('aria-label') ?? label?.textContent ?? element.textContent)?.trim()
}

export async function click(name: string, within?: HTMLElement): Promise<void> {
  press(await named('button', name, within))
}

/** As a pointer does it: the focus goes along. */
export function press(button: HTMLElement): void {
  button.focus()
  button.click()
}

/** Opens the menu of a row and takes one of its items. */
export async function choose(menu: string, item: string): Promise<void> {
  await click(menu)
  ;(await named('[role=menuitem]', item)).click()
}

export async function agree(name: string): Promise<void> {
  const dialog = await eventually(() => {
    const open = document.querySelector<HTMLElement>('dialog[open]')
    if (!open) throw new Error('no dialog')
    return open
  })
  await click(name, dialog)
}

/** Words anywhere in an element, once they are there. */
export async function reads(words: string, where: HTMLElement = document.body): Promise<void> {
  await eventually(() => {
    if (!where.textContent?.replace(/\s+/g, ' ').includes(words))
      throw new Error(`no “${words}” in: ${where.textContent?.replace(/\s+/g, ' ')}`)
  })
}
