import type {
  Call,
  CallState,
  Happening,
  InCall,
  Person,
  PictureOf,
  Reaction,
  Trouble,
  Waiting,
} from '../src/call/model'
import { QUIET } from '../src/call/model.stage'
import { cameraOf, screenOf } from './pictures'

/** A call without anybody: the state is changed by hand, and pictures are painted. */
export class FakeCall implements Call {
  state: CallState
  /** what is shown at the moment, as `pseudonym/source` */
  readonly shown: string[] = []
  private readonly listeners = new Set<(state: CallState) => void>()
  private readonly streams = new Map<string, MediaStream>()
  private things = 0

  constructor(people: Person[], more: Partial<InCall> = {}) {
    this.state = {
      ...QUIET,
      people,
      speakers: people.filter(({ speaking, me }) => speaking && !me).map(({ id }) => id),
      devices: {
        camera: [{ id: 'c1', label: 'FaceTime HD Camera' }],
        microphone: [
          { id: 'm1', label: 'Built-in microphone' },
          { id: 'm2', label: 'Headset' },
        ],
        speaker: [{ id: 's1', label: 'Built-in speakers' }],
      },
      since: Date.now() - 761_000,
      ...more,
    }
  }

  /** In front of the door; asking once more waits again. */
  static waiting(more: Partial<Waiting> = {}): FakeCall {
    const call = new FakeCall([])
    call.state = { kind: 'waiting', code: 'K7M 2QX', is: 'waiting', connection: 'steady', ...more }
    return call
  }

  subscribe(listener: (state: CallState) => void): () => void {
    this.listeners.add(listener)
    listener(this.state)
    return () => this.listeners.delete(listener)
  }

  change(more: Partial<InCall>): void {
    if (this.state.kind === 'in') this.tell({ ...this.state, ...more })
  }

  async setMicrophone(on: boolean): Promise<void> {
    this.changeMe({ microphone: on })
  }
  async setCamera(on: boolean): Promise<void> {
    this.changeMe({ camera: on })
  }
  async setScreen(on: boolean): Promise<void> {
    this.changeMe({ screen: on })
  }
  async choose(kind: 'camera' | 'microphone' | 'speaker', id: string): Promise<void> {
    if (this.state.kind === 'in') this.change({ chosen: { ...this.state.chosen, [kind]: id } })
  }
  async switchCamera(): Promise<void> {}
  async setIncomingVideo(on: boolean): Promise<void> {
    this.change({ incomingVideo: on })
  }
  async turnOnSound(): Promise<void> {
    this.change({ soundBlocked: false })
  }
  dismissTrouble(trouble: Trouble): void {
    if (this.state.kind === 'in') this.change({ troubles: this.state.troubles.filter((one) => one !== trouble) })
  }

  show({ person, source }: PictureOf, element: HTMLVideoElement): () => void {
    const key = `${person}/${source}`
    this.shown.push(key)
    element.srcObject = this.streamOf(key, person, source)
    return () => {
      this.shown.splice(this.shown.indexOf(key), 1)
      element.srcObject = null
    }
  }

  async leave(): Promise<void> {
    this.tell({ kind: 'over', ending: { why: 'left' } })
  }

  async knockAgain(): Promise<void> {
    if (this.state.kind === 'waiting') this.tell({ ...this.state, is: 'waiting' })
  }

  async rename(name: string): Promise<void> {
    this.changeMe({ name })
    this.happen({ what: 'renamed', name })
  }
  async raiseHand(up: boolean): Promise<void> {
    if (this.state.kind !== 'in') return
    const people = this.state.people.map((one) => (one.me ? withHand(one, up ? Date.now() : undefined) : one))
    this.change({ people })
  }
  async react(emoji: Reaction['emoji']): Promise<void> {
    if (this.state.kind !== 'in') return
    const person = this.state.people.find(({ me }) => me)?.id ?? ''
    this.change({ reactions: [...this.state.reactions, { id: `own-${this.things++}`, person, emoji }] })
  }

  async admit(knock: string): Promise<void> {
    if (this.state.kind === 'in') this.change({ knocks: this.state.knocks.filter(({ id }) => id !== knock) })
  }
  decline = this.admit
  async admitAll(): Promise<void> {
    this.change({ knocks: [] })
  }
  async mute(person: string): Promise<void> {
    this.changeOne(person, { microphone: false })
  }
  async muteEveryone(): Promise<void> {
    if (this.state.kind !== 'in') return
    this.change({
      people: this.state.people.map((one) => (one.role === 'participant' ? { ...one, microphone: false } : one)),
    })
  }
  async stopVideo(person: string): Promise<void> {
    this.changeOne(person, { camera: false })
  }
  async stopScreen(person: string): Promise<void> {
    this.changeOne(person, { screen: false })
  }
  async remove(person: string): Promise<void> {
    if (this.state.kind !== 'in') return
    const name = this.state.people.find(({ id }) => id === person)?.name ?? ''
    this.change({ people: this.state.people.filter(({ id }) => id !== person), waitingRoom: true })
    this.happen({ what: 'removed', name })
  }
  async lock(on: boolean): Promise<void> {
    this.change({ locked: on })
    this.happen({ what: on ? 'locked' : 'unlocked' })
  }
  async endForEveryone(): Promise<void> {
    this.tell({ kind: 'over', ending: { why: 'ended' } })
  }
  async makeCohost(person: string, on: boolean): Promise<void> {
    this.changeOne(person, { role: on ? 'cohost' : 'participant' })
  }
  async setWaitingRoom(on: boolean): Promise<void> {
    this.change({ waitingRoom: on, ...(on ? {} : { knocks: [] }) })
  }
  async setEveryoneShares(on: boolean): Promise<void> {
    this.change({ everyoneShares: on })
    this.happen({ what: on ? 'sharing-allowed' : 'sharing-forbidden' })
  }
  async hostLink(): Promise<string | undefined> {
    return this.state.kind === 'in' && this.state.role === 'host' ? `${location.origin}/m/M#S.H.X` : undefined
  }

  private streamOf(key: string, person: string, source: 'camera' | 'screen'): MediaStream {
    const place = this.state.kind === 'in' ? this.state.people.findIndex(({ id }) => id === person) : 0
    const stream = this.streams.get(key) ?? (source === 'screen' ? screenOf() : cameraOf(place))
    this.streams.set(key, stream)
    return stream
  }

  private changeMe(more: Partial<Person>): void {
    if (this.state.kind === 'in') this.changeOne(this.state.people.find(({ me }) => me)?.id ?? '', more)
  }

  private changeOne(person: string, more: Partial<Person>): void {
    if (this.state.kind !== 'in') return
    this.change({ people: this.state.people.map((one) => (one.id === person ? { ...one, ...more } : one)) })
  }

  private happen(what: { what: Happening['what']; name?: string }): void {
    if (this.state.kind !== 'in') return
    const happening = { id: `own-${this.things++}`, by: '', ...what } as Happening
    this.change({ happenings: [...this.state.happenings, happening] })
  }

  private tell(state: CallState): void {
    this.state = state
    for (const listener of this.listeners) listener(state)
  }
}

function withHand({ hand: _, ...person }: Person, hand: number | undefined): Person {
  return hand === undefined ? person : { ...person, hand }
}
