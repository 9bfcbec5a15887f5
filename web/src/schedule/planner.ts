import { Problem, type ProblemCode } from '../api/problems'
import type { HostKeys } from '../call/host-keys'
import { seedOf } from '../call/host-keys'
import { proofHash, signText } from '../call/keys'
import { MeetingLaw } from '../call/meeting-law'
import { Meetings, type Opened, openLink } from '../call/meetings'
import { cleanName } from '../call/names'
import { type MeetingLink, pathOf } from '../link'
import type { OpenVault, VaultContent, VaultMeeting } from '../people/content'
import type { ScheduleApi } from './api'
import { merged, mergedTimes } from './fields'
import { type Lifetime, lifetimeOf, renewed, type Unplannable } from './lifetime'
import { type Plan, readTimes, type Times, timesOf } from './plan'

/** What the form asks for. */
export type Draft = { title: string; times: Times; waitingRoom: boolean; guests: boolean }

export type PlannedMeeting = VaultMeeting & { plan: Plan }

/** `left`: what there still is of the old one. Its `link` may still work; the `entry` in the vault leads nowhere. */
export type NewLink = { fresh: PlannedMeeting; left?: 'link' | 'entry' }

/** `gone`: somebody has cancelled it, perhaps on another device. */
export class PlanTrouble extends Error {
  constructor(readonly kind: Unplannable | 'gone') {
    super(kind)
  }
}

/** A meeting stands at the server and could be neither written into the vault nor cancelled again. */
export class Stranded extends Error {
  constructor(readonly link: MeetingLink) {
    super('stranded')
  }
}

const OVER: readonly ProblemCode[] = ['no_meeting', 'meeting_ended']
const TIMES_TRIED = 3
const DAY_MS = 24 * 3_600_000

/**
 * Planned meetings, at the server and in the vault. Either both know of a meeting or, where something fails on the way,
 * neither; what could not be undone is thrown as {@link Stranded}. Methods throw `Problem`, `VaultTrouble` and
 * {@link PlanTrouble} besides.
 */
export class Planner {
  private readonly meetings: Meetings

  constructor(
    private readonly api: ScheduleApi,
    private readonly hostKeys: HostKeys,
    private readonly vault: OpenVault,
    private readonly now: () => number = Date.now,
  ) {
    this.meetings = new Meetings(api, hostKeys)
  }

  async all(): Promise<VaultMeeting[]> {
    return (await this.vault.read()).meetings
  }

  async find(meeting: string): Promise<PlannedMeeting | undefined> {
    return (await this.all()).find((held): held is PlannedMeeting => held.meeting === meeting && isPlanned(held))
  }

  plan(draft: Draft): Promise<PlannedMeeting> {
    return this.make(draft, { uid: crypto.randomUUID(), sequence: 0 })
  }

  /**
   * Changes what `draft` has other than `held`, which is what the person had before them: all else stays as another
   * device may have made it. At the server first: when the vault fails, saving again completes it.
   */
  async change(held: PlannedMeeting, draft: Draft): Promise<PlannedMeeting> {
    const newest = found(await this.vault.read(), held.meeting)
    const { title, times, waitingRoom } = mergedDraft(held, draft, newest)
    const retitled = title !== newest.title
    const moved = JSON.stringify(times) !== JSON.stringify(timesOf(newest.plan))
    const turned = waitingRoom !== newest.plan.waitingRoom
    const lifetime = moved ? this.lifetimeFor(times) : undefined
    const opened = await this.openAsHost(newest)
    if (lifetime) await this.orGone(() => this.putTimes(opened, lifetime))
    if (retitled || moved) await this.orGone(() => this.meetings.setCard(opened, { title, plan: times }))
    if (turned) await this.orGone(() => this.turn(opened, waitingRoom))
    return this.edit(held.meeting, (latest) => ({
      ...latest,
      ...(retitled ? { title } : {}),
      plan: {
        ...latest.plan,
        ...(lifetime ? { ...without(times), ...lifetime } : {}),
        ...(turned ? { waitingRoom } : {}),
        // Calendars take a file with a higher number as news.
        ...(retitled || moved ? { sequence: latest.plan.sequence + 1 } : {}),
      },
    }))
  }

  /** Another link to the same dates, as the vault now has them. */
  async newLink(held: PlannedMeeting): Promise<NewLink> {
    const content = await this.vault.read()
    const old = found(content, held.meeting)
    const { uid, waitingRoom, guests } = old.plan
    const draft = { title: old.title, times: timesOf(old.plan), waitingRoom, guests }
    const sequences = content.meetings.filter((one) => sharesEntry(one, old)).map(({ plan }) => plan?.sequence ?? 0)
    const fresh = await this.make(draft, { uid, sequence: Math.max(...sequences) + 1 })
    try {
      await this.cancelAtServer(await this.openAsHost(old))
    } catch {
      return { fresh, left: 'link' }
    }
    return this.drop([old.meeting]).then(
      () => ({ fresh }),
      () => ({ fresh, left: 'entry' }),
    )
  }

  /**
   * For everybody, and whoever is inside goes. False where its calendar entry does not go with it: another meeting in
   * the vault has the same, after a new link whose old one was left.
   */
  async cancel(held: VaultMeeting): Promise<boolean> {
    await this.cancelAtServer(await this.openAsHost(held))
    const rest = await this.drop([held.meeting])
    return !rest.some((one) => sharesEntry(one, held))
  }

  /** Where its host joins. The host key is in this browser from then on, as long as the meeting may last. */
  async start(held: VaultMeeting): Promise<string> {
    await this.openAsHost(held)
    return pathOf(linkOf(held))
  }

  /**
   * Drops what is over from the vault, and has the server keep longer what goes on. Over is what the server says is
   * over, once its time has passed by this clock too: neither alone makes anybody lose a meeting.
   */
  async tidy(): Promise<VaultMeeting[]> {
    const meetings = await this.all()
    const over: string[] = []
    for (const held of meetings) {
      if (endOf(held) < this.now()) {
        if (await this.isOver(held)) over.push(held.meeting)
      } else await this.renew(held).catch(() => undefined)
    }
    if (over.length > 0) await this.drop(over)
    return this.all()
  }

  private async make(draft: Draft, entry: Pick<Plan, 'uid' | 'sequence'>): Promise<PlannedMeeting> {
    const { waitingRoom, guests } = draft
    const title = cleanName(draft.title)
    const times = timesOf(draft.times)
    const lifetime = this.lifetimeFor(times)
    const link = await this.meetings.start({ opens_at: lifetime.opensAt, closes_at: lifetime.closesAt, guests })
    const opened = await openLink(link)
    try {
      await this.meetings.look(opened) // keeps the host key as long as the meeting may last
      await this.meetings.setCard(opened, { title, plan: times })
      if (!waitingRoom) await this.turn(opened, false)
      const seed = await seedOf(await this.hostKeyFor(opened))
      const created = new Date(this.now()).toISOString()
      const made = { ...link, seed, title, created, plan: { ...times, ...entry, waitingRoom, guests, ...lifetime } }
      await this.keep(made)
      return made
    } catch (error) {
      // Once more: it may only be the answer that was lost.
      const undo = () => this.cancelAtServer(opened)
      await undo()
        .catch(undo)
        .catch(() => {
          throw new Stranded(link)
        })
      throw error
    }
  }

  private async keep(made: PlannedMeeting): Promise<void> {
    try {
      await this.vault.change((content) => ({ ...content, meetings: [...content.meetings, made] }))
    } catch (error) {
      // It may be the answer that was lost, and not the change.
      const kept = await this.find(made.meeting).catch(() => undefined)
      if (!kept) throw error
    }
  }

  /** Throws {@link PlanTrouble} `gone` when the vault, as another device may have left it, does not have it any more. */
  private async edit(meeting: string, change: (newest: PlannedMeeting) => PlannedMeeting): Promise<PlannedMeeting> {
    const saved = await this.vault.change((content) => ({
      ...content,
      meetings: content.meetings.map((held) => (held.meeting === meeting && isPlanned(held) ? change(held) : held)),
    }))
    return found(saved, meeting)
  }

  /** Answers with the others. */
  private async drop(gone: string[]): Promise<VaultMeeting[]> {
    const others = (all: VaultMeeting[]) => all.filter(({ meeting }) => !gone.includes(meeting))
    try {
      return (await this.vault.change((content) => ({ ...content, meetings: others(content.meetings) }))).meetings
    } catch (error) {
      // It may be the answer that was lost, and not the change.
      const left = await this.all().catch(() => undefined)
      if (left && others(left).length === left.length) return left
      throw error
    }
  }

  private lifetimeFor(times: Times): Lifetime {
    const lifetime = lifetimeOf(times, this.now())
    if (typeof lifetime === 'string') throw new PlanTrouble(lifetime)
    return lifetime
  }

  private async openAsHost(held: VaultMeeting): Promise<Opened> {
    const opened = await openLink(linkOf(held))
    await this.meetings.adopt(opened, held.seed)
    return opened
  }

  private async hostKeyFor(opened: Opened): Promise<CryptoKey> {
    const key = await this.meetings.hostKey(opened)
    if (!key) throw new Problem('not_host')
    return key
  }

  private async turn(opened: Opened, waitingRoom: boolean): Promise<void> {
    const look = await this.meetings.look(opened)
    const law = new MeetingLaw(opened, this.now)
    await law.learn(look)
    await this.meetings.setWaitingRoom(opened, law, look.session, waitingRoom)
  }

  /** Of two devices at once the later one wins, and knows the times of neither: those it was given count. */
  private async putTimes(opened: Opened, { opensAt, closesAt }: Lifetime): Promise<void> {
    const { link, proof } = opened
    for (let tries = 1; ; tries += 1) {
      const version = (await this.meetings.look(opened)).timesVersion + 1
      const words = `klausur times v1|${link.meeting}|${version}|${opensAt}|${closesAt}`
      const signature = await signText(await this.hostKeyFor(opened), words)
      try {
        return await this.api.putTimes(link.meeting, proof, {
          opens_at: opensAt,
          closes_at: closesAt,
          version,
          signature,
        })
      } catch (problem) {
        if (tries >= TIMES_TRIED || !isProblem(problem, ['times_outdated'])) throw problem
      }
    }
  }

  private async cancelAtServer(opened: Opened): Promise<void> {
    const { link, proof } = opened
    const signature = await signText(await this.hostKeyFor(opened), `klausur cancel v1|${link.meeting}`)
    try {
      await this.api.cancelMeeting(link.meeting, proof, { signature })
    } catch (problem) {
      // Cancelled by another device, or by an attempt whose answer was lost.
      if (!isProblem(problem, OVER)) throw problem
    }
    await this.hostKeys.forget(link.meeting, await proofHash(proof))
  }

  private async isOver(held: VaultMeeting): Promise<boolean> {
    try {
      await this.meetings.look(await openLink(linkOf(held)))
      return false
    } catch (problem) {
      return isProblem(problem, OVER)
    }
  }

  private async renew(held: VaultMeeting): Promise<void> {
    const lifetime = held.plan && renewed(held.plan, this.now())
    if (!lifetime) return
    await this.putTimes(await this.openAsHost(held), lifetime)
    await this.edit(held.meeting, (newest) => ({ ...newest, plan: { ...newest.plan, ...lifetime } }))
  }

  private async orGone(ask: () => Promise<void>): Promise<void> {
    try {
      await ask()
    } catch (problem) {
      throw isProblem(problem, OVER) ? new PlanTrouble('gone') : problem
    }
  }
}

export function isPlanned(held: VaultMeeting): held is PlannedMeeting {
  return readTimes(held.plan) !== undefined
}

/** Whether a newer link has taken over its calendar entry. `all`: as the vault has them, the newest last. */
export function isReplaced(held: VaultMeeting, all: readonly VaultMeeting[]): boolean {
  const newest = all.findLast((one) => sharesEntry(one, held))
  return newest !== undefined && newest.meeting !== held.meeting
}

export function linkOf({ meeting, secret, host }: VaultMeeting): MeetingLink {
  return { meeting, secret, host }
}

/** When the server has forgotten it at the latest, epoch ms. */
function endOf({ plan, created }: VaultMeeting): number {
  return plan ? Date.parse(plan.closesAt) : Date.parse(created) + DAY_MS
}

function found(content: VaultContent, meeting: string): PlannedMeeting {
  const held = content.meetings.find((one) => one.meeting === meeting)
  if (!held || !isPlanned(held)) throw new PlanTrouble('gone')
  return held
}

/** So that a rule that was there does not outlive its removal. */
function without(times: Times): Times {
  return { rule: undefined, ...times } as Times
}

function sharesEntry(one: VaultMeeting, other: VaultMeeting): boolean {
  return one.plan !== undefined && one.plan.uid === other.plan?.uid
}

function mergedDraft(held: PlannedMeeting, draft: Draft, newest: PlannedMeeting): Omit<Draft, 'guests'> {
  const simple = ({ title, waitingRoom }: { title: string; waitingRoom: boolean }) => ({ title, waitingRoom })
  const inVault = ({ title, plan }: PlannedMeeting) => simple({ title, waitingRoom: plan.waitingRoom })
  return {
    ...merged(inVault(held), simple({ ...draft, title: cleanName(draft.title) }), inVault(newest)),
    times: mergedTimes(timesOf(held.plan), timesOf(draft.times), timesOf(newest.plan)),
  }
}

function isProblem(error: unknown, codes: readonly ProblemCode[]): boolean {
  return error instanceof Problem && codes.includes(error.code)
}
