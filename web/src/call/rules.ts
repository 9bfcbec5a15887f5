import type { SignedRules } from '../api/types'
import { isId, isSized } from './bytes'
import { InOrder } from './in-order'
import { signText, verifyText } from './keys'

export type { SignedRules }

/** What the host has decided. `cohosts` and `denied`: seat keys, of the opening `session` only. */
export type Rules = {
  version: number
  waitingRoom: boolean
  everyoneShares: boolean
  session: string
  cohosts: string[]
  denied: string[]
}

/** Until the host has signed any. */
export const DEFAULT_RULES: Rules = {
  version: 0,
  waitingRoom: true,
  everyoneShares: true,
  session: '',
  cohosts: [],
  denied: [],
}

export const COHOSTS_LIMIT = 20
export const DENIED_LIMIT = 500
/** characters */
const DOCUMENT_LIMIT = 24 * 1024

/** What is signed as JSON. */
type Told = {
  waiting_room: boolean
  everyone_shares: boolean
  session: string
  cohosts: string[]
  denied: string[]
}

/** `undefined` unless they are whole, within their limits and signed by the host of this meeting. */
export async function readRules(signed: unknown, meeting: string, hostKey: string): Promise<Rules | undefined> {
  const { version, document: json, signature } = (signed ?? {}) as Partial<SignedRules>
  if (!Number.isSafeInteger(version) || (version as number) < 1) return undefined
  if (typeof json !== 'string' || json.length > DOCUMENT_LIMIT) return undefined
  if (!(await verifyText(hostKey, signature, words(meeting, version as number, json)))) return undefined
  const told = parsed(json)
  if (!told) return undefined
  const { waiting_room, everyone_shares, session, cohosts, denied } = told
  const switches = { waitingRoom: waiting_room, everyoneShares: everyone_shares }
  return { version: version as number, ...switches, session, cohosts, denied }
}

export async function signRules(hostKey: CryptoKey, meeting: string, rules: Rules): Promise<SignedRules> {
  const { version, session, cohosts, denied } = rules
  const told: Told = {
    waiting_room: rules.waitingRoom,
    everyone_shares: rules.everyoneShares,
    session,
    cohosts,
    denied,
  }
  const json = JSON.stringify(told)
  return { version, document: json, signature: await signText(hostKey, words(meeting, version, json)) }
}

/** The rules as they hold in one opening: who was co-host or removed in another is neither here. */
export function inSession(rules: Rules, session: string): Rules {
  return rules.session === session ? rules : { ...rules, session, cohosts: [], denied: [] }
}

/** The newest rules that were seen. A server cannot bring older ones back, but it can withhold newer ones. */
export class RuleBook {
  rules = DEFAULT_RULES
  private readonly steps = new InOrder()

  constructor(
    private readonly meeting: string,
    private readonly hostKey: string,
    private readonly changed: () => void,
  ) {}

  take(signed: unknown): Promise<void> {
    return this.steps.run(async () => {
      const rules = await readRules(signed, this.meeting, this.hostKey)
      if (!rules || rules.version <= this.rules.version) return
      this.rules = rules
      this.changed()
    })
  }
}

function words(meeting: string, version: number, json: string): string {
  return `klausur rules v1|${meeting}|${version}|${json}`
}

function parsed(json: string): Told | undefined {
  try {
    const told = JSON.parse(json) as Told
    const { waiting_room, everyone_shares, session, cohosts, denied } = told
    const whole =
      Object.keys(told).length === 5 &&
      typeof waiting_room === 'boolean' &&
      typeof everyone_shares === 'boolean' &&
      isId(session) &&
      areKeys(cohosts, COHOSTS_LIMIT) &&
      areKeys(denied, DENIED_LIMIT)
    return whole ? told : undefined
  } catch {
    return undefined
  }
}

function areKeys(value: unknown, limit: number): boolean {
  return (
    Array.isArray(value) &&
    value.length <= limit &&
    value.every((key) => isSized(key, 32)) &&
    new Set(value).size === value.length
  )
}
