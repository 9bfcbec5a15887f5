import type { SignedRules } from '../api/types'
import type { Law } from './admission'
import { InOrder } from './in-order'
import { isHostKey } from './keys'
import type { Look, Opened } from './meetings'
import { DEFAULT_RULES, inSession, RuleBook, type Rules } from './rules'
import { ServerClock } from './server-clock'

/** Somebody removed from an opening: the seat's key, and the name it had. */
export type Removed = { session: string; key: string; name: string }

/** What a reload keeps of it: else a server could show older rules then. */
export type StoredLaw = { hostKey: string; rules: SignedRules | null; removed: Removed[] }

/** As many as the host's rules may name. */
const REMOVED_AT_MOST = 500

/** What decides who counts here: the host's key and signed rules, who was removed, and the server's time. */
export class MeetingLaw {
  readonly clock: ServerClock
  changed: () => void = () => undefined
  private hostKey = ''
  private book: RuleBook | undefined
  private newest: SignedRules | null = null
  private gone: readonly Removed[] = []
  private readonly steps = new InOrder()

  constructor(
    private readonly opened: Opened,
    here: () => number,
  ) {
    this.clock = new ServerClock(here)
  }

  get isKnown(): boolean {
    return this.book !== undefined
  }

  get rules(): Rules {
    return this.book?.rules ?? DEFAULT_RULES
  }

  /** Whom this client itself has seen removed. */
  removed(session: string): readonly Removed[] {
    return this.gone.filter((one) => one.session === session)
  }

  /** As it stands for one opening. */
  in(session: string): Law {
    const rules = inSession(this.rules, session)
    return {
      hostKey: this.hostKey,
      secret: this.opened.secret,
      rules: { ...rules, denied: [...rules.denied, ...this.removed(session).map(({ key }) => key)] },
      serverNow: this.clock.now(),
    }
  }

  /** What a look at the meeting told, its host key checked there against the link. */
  async learn({ hostKey, rules, serverTime }: Pick<Look, 'hostKey' | 'rules' | 'serverTime'>): Promise<void> {
    this.clock.heard(serverTime)
    if (await this.found(hostKey)) await this.take(rules)
  }

  /** Older rules than those that were seen, and what the host has not signed, change nothing. */
  take(signed: unknown): Promise<void> {
    return this.steps.run(async () => {
      const before = this.rules.version
      await this.book?.take(signed)
      if (this.rules.version > before) this.newest = signed as SignedRules
    })
  }

  deny(removed: Removed): void {
    if (this.gone.some(({ key }) => key === removed.key)) return
    this.gone = [...this.gone, removed].slice(-REMOVED_AT_MOST)
    this.changed()
  }

  stored(): StoredLaw {
    const { hostKey, newest, gone } = this
    return { hostKey, rules: newest, removed: [...gone] }
  }

  async restore({ hostKey, rules, removed }: StoredLaw): Promise<void> {
    if (!(await this.found(hostKey))) return
    this.gone = removed
    await this.take(rules)
  }

  /** False when `hostKey` is not the one that the link speaks of: then nothing is believed. */
  private async found(hostKey: unknown): Promise<boolean> {
    const { meeting, host } = this.opened.link
    if (typeof hostKey !== 'string' || !(await isHostKey(hostKey, host))) return false
    if (this.book) return true
    this.hostKey = hostKey
    this.book = new RuleBook(meeting, hostKey, () => this.changed())
    return true
  }
}
