import type { Place } from './admission'
import { isId } from './bytes'
import { InOrder } from './in-order'
import { open, seal, signText, verifyText } from './keys'
import type { Role } from './model'

const AIMED = ['mute', 'stop_video', 'stop_screen', 'remove'] as const
const GENERAL = ['mute_all', 'lock', 'unlock', 'end', 'react'] as const

export type Op = (typeof AIMED)[number] | (typeof GENERAL)[number]

/** `target`: pseudonym; `detail`: the reaction, else empty; `seq`: of the actor's seat, shared with its announcements. */
export type Act = { op: Op; target: string | null; detail: string; seq: number }

/** Seats whose acts are followed at most: a bound on what a hostile server can make this page hold. */
const SEATS_LIMIT = 1000
/** characters; the longest reaction is far shorter */
const DETAIL_LIMIT = 64

export async function sealAct(key: CryptoKey, privateKey: CryptoKey, from: Place, act: Act): Promise<string> {
  const { op, target, detail, seq } = act
  const sig = await signText(privateKey, words(from, act))
  return seal(key, context(from), { v: 1, seq, op, target: target ?? '', detail, sig })
}

/**
 * The acts of others, each once and none older than one that was taken. Whose they are is certain then; whether they
 * were allowed, {@link mayAct} says.
 */
export class ActBook {
  /** highest number taken, by seat key */
  readonly seen: Record<string, number>
  private readonly steps = new InOrder()

  /** `seen`: as a reload finds it. */
  constructor(
    private readonly meeting: string,
    private readonly session: string,
    private readonly actsKey: CryptoKey,
    seen: Record<string, number> = {},
  ) {
    this.seen = { ...seen }
  }

  /** `message`: `{from, op, target, sealed}`, as the socket brings it; `key`: the seat key of `from`. */
  take(message: unknown, key: string): Promise<Act | undefined> {
    return this.steps.run(async () => {
      const act = await this.read(message, key)
      const last = this.seen[key]
      if (!act || act.seq <= (last ?? 0)) return undefined
      if (last === undefined && Object.keys(this.seen).length >= SEATS_LIMIT) return undefined
      this.seen[key] = act.seq
      return act
    })
  }

  private async read(message: unknown, key: string): Promise<Act | undefined> {
    const { from, op, target, sealed } = (message ?? {}) as Record<string, unknown>
    if (!isId(from)) return undefined
    const place = { meeting: this.meeting, session: this.session, pseudonym: from }
    const inner = await open(this.actsKey, context(place), sealed).catch(() => undefined)
    const told = (inner ?? {}) as Record<string, unknown>
    const { v, sig, seq, detail } = told
    const act = { op: told.op, target: told.target || null, detail, seq }
    // What the server enforces is the outer one; what was signed is the inner one.
    if (v !== 1 || !isAct(act) || act.op !== op || act.target !== (target ?? null)) return undefined
    return (await verifyText(key, sig, words(place, act))) ? act : undefined
  }
}

/** As in klausur/domain/policy.py. `target`: the role of whom it is aimed at; `hostPresent`: a host is inside. */
export function mayAct(op: Op, actor: Role, target: Role | undefined, hostPresent: boolean): boolean {
  if (op === 'react') return true
  if (actor === 'participant') return false
  if (isAimed(op)) return target !== undefined && (actor === 'host' || target !== 'host')
  return op !== 'end' || actor === 'host' || !hostPresent
}

type Seat = Omit<Place, 'key'>

function context({ meeting, session, pseudonym }: Seat): string {
  return `klausur act v1|${meeting}|${session}|${pseudonym}`
}

function words(from: Seat, { seq, op, target, detail }: Act): string {
  return `${context(from)}|${seq}|${op}|${target ?? ''}|${detail}`
}

function isAimed(op: unknown): boolean {
  return AIMED.includes(op as (typeof AIMED)[number])
}

function isAct(value: Partial<Record<keyof Act, unknown>>): value is Act {
  const { op, target, detail, seq } = value
  return (
    (isAimed(op) ? isId(target) : target === null && GENERAL.includes(op as (typeof GENERAL)[number])) &&
    typeof detail === 'string' &&
    detail.length <= DETAIL_LIMIT &&
    Number.isSafeInteger(seq) &&
    (seq as number) > 0
  )
}
