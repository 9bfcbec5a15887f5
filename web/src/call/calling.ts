import { Api } from '../api/client'
import { Problem, type ProblemCode } from '../api/problems'
import type { Operator as OperatorAnswer } from '../api/types'
import { parseLink, pathOf } from '../link'
import type { Backstage, Found, Operator, Refusal, Visit } from '../pages/backstage'
import type { People } from '../people/people'
import { Devices } from './devices'
import { HostKeys } from './host-keys'
import type { MediaEngine } from './media-engine'
import { MeetingLaw } from './meeting-law'
import { type Look, Meetings, type Opened, openLink } from './meetings'
import type { Call, JoinWish } from './model'
import { cleanName } from './names'
import { SeatStore, type StoredSeat } from './seat-store'
import { canEncrypt } from './support'

/** The call's own code, loaded when a meeting's page is opened. */
type Late = typeof import('./warm')

/** What the pages see of everything outside them; built once, by the page's entry. */
export class Calling implements Backstage {
  readonly devices = new Devices()
  private readonly api = new Api()
  private readonly meetings = new Meetings(this.api, new HostKeys())
  private someone: Promise<People> | undefined

  async operator(): Promise<Operator | null> {
    try {
      return operatorOf(await this.api.operator())
    } catch {
      return null
    }
  }

  people(): Promise<People> {
    this.someone ??= import('../people/people').then(
      ({ People }) => new People(),
      (error) => {
        this.someone = undefined
        throw error
      },
    )
    return this.someone
  }

  async start(): Promise<{ address: string } | Refusal> {
    if (!(await canEncrypt())) return { refused: 'cannot-encrypt' }
    try {
      return { address: pathOf(await this.meetings.start()) }
    } catch (problem) {
      return refusalOf(problem)
    }
  }

  async visit(address: string): Promise<Visit | 'incomplete' | 'cannot-encrypt'> {
    const given = parseLink(address)
    if (!given) return 'incomplete'
    const { seed, ...link } = given
    // Copied from the address bar it would hand over the host's power: before anything else it must not stand there.
    if (seed) globalThis.history?.replaceState(history.state, '', pathOf(link))
    if (!(await canEncrypt())) return 'cannot-encrypt'
    const opened = await openLink(link)
    if (seed && !(await this.meetings.adopt(opened, seed))) return 'incomplete'
    return new MeetingVisit(opened, this.api, this.meetings, this.devices)
  }
}

class MeetingVisit implements Visit {
  /** of the last look */
  private at: Pick<Look, 'session' | 'title'> = { session: '', title: '' }
  private late: Promise<Late> | undefined
  private engine: MediaEngine | undefined
  private held: StoredSeat | undefined
  private readonly seats = new SeatStore(storage(), globalThis.navigator?.locks)
  private readonly law: MeetingLaw

  constructor(
    private readonly opened: Opened,
    private readonly api: Api,
    private readonly meetings: Meetings,
    private readonly devices: Devices,
  ) {
    this.law = new MeetingLaw(opened, Date.now)
  }

  async look(): Promise<Found | Refusal> {
    try {
      const look = await this.learn()
      const closed = look.host ? undefined : this.closed(look)
      const known = { title: look.title, plan: look.plan }
      return closed
        ? { refused: closed, known }
        : { ...known, host: look.host, waitingRoom: this.law.rules.waitingRoom }
    } catch (problem) {
      return refusalOf(problem)
    }
  }

  /** What the server would answer to a join; said before a name is typed. */
  private closed({ state, opensAt }: Look): ProblemCode | undefined {
    if (state === 'locked') return 'meeting_locked'
    const early = opensAt !== null && this.law.clock.now() < Date.parse(opensAt)
    return early ? 'meeting_not_started' : undefined
  }

  async saveWaitingRoom(on: boolean): Promise<boolean> {
    try {
      // Rules of an opening of before would forget who was removed from this one.
      await this.learn()
      await this.meetings.setWaitingRoom(this.opened, this.law, this.at.session, on)
      return true
    } catch {
      return false
    }
  }

  private async learn(): Promise<Look> {
    const look = await this.meetings.look(this.opened)
    await this.law.learn(look)
    this.at = look
    return look
  }

  async saveTitle(title: string): Promise<boolean> {
    try {
      await this.meetings.setTitle(this.opened, title)
      this.at = { ...this.at, title: cleanName(title) }
      return true
    } catch {
      return false
    }
  }

  warm(): void {
    void this.load().then(
      ({ warm }) => {
        this.engine ??= warm()
      },
      // Tried again by the join itself.
      () => undefined,
    )
  }

  /** A duplicated tab finds the seat taken, and is somebody new. */
  async returning(): Promise<JoinWish | undefined> {
    const seat = this.seats.read(this.opened.link.meeting)
    if (!seat || !(await this.seats.claim(seat.pseudonym))) return undefined
    this.held = seat
    await this.law.restore(seat.law)
    const { name, chosen, incomingVideo } = seat
    const [cameraTrack, microphoneTrack] = await Promise.all([
      seat.camera ? this.devices.openCamera(chosen.camera).catch(() => undefined) : undefined,
      seat.microphone ? this.devices.openMicrophone(chosen.microphone).catch(() => undefined) : undefined,
    ])
    return {
      name,
      chosen,
      incomingVideo,
      ...(cameraTrack ? { cameraTrack } : {}),
      ...(microphoneTrack ? { microphoneTrack } : {}),
    }
  }

  async join(wish: JoinWish): Promise<Call> {
    const { join } = await this.load()
    const { api, meetings, devices, seats, engine, held, at, law } = this
    this.engine = undefined
    this.held = undefined
    return join({ api, meetings, devices, seats }, this.opened, { ...at, law }, wish, { engine, held })
  }

  private load(): Promise<Late> {
    this.late ??= import('./warm').catch((error) => {
      this.late = undefined
      throw error
    })
    return this.late
  }
}

function refusalOf(problem: unknown): Refusal {
  if (!(problem instanceof Problem)) return { refused: 'unintelligible' }
  const { code, retryAfter } = problem
  return { refused: code, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

function operatorOf(answer: OperatorAnswer): Operator {
  const { empty_minutes, instant_hours } = answer.retention
  return {
    name: answer.name,
    contact: answer.contact,
    open: answer.open_meetings === 'anyone',
    closed: answer.open_meetings === 'nobody',
    retention: { emptyMinutes: empty_minutes, instantHours: instant_hours },
    guests: answer.guests === 'allowed',
    signIn: answer.signin,
  }
}

/** Reading the property alone throws where cookies and storage are forbidden. */
function storage(): Storage | undefined {
  try {
    return globalThis.sessionStorage
  } catch {
    return undefined
  }
}
