import type { Call, CallState, DeviceTrouble, InCall, Person, PictureOf } from '../src/call/model'
import { QUIET } from '../src/call/model.stage'
import { cameraOf, screenOf } from './pictures'

/** A call without anybody: the state is changed by hand, and pictures are painted. */
export class FakeCall implements Call {
  state: CallState
  /** what is shown at the moment, as `pseudonym/source` */
  readonly shown: string[] = []
  private readonly listeners = new Set<(state: CallState) => void>()
  private readonly streams = new Map<string, MediaStream>()

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
  dismissTrouble(trouble: DeviceTrouble): void {
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

  private streamOf(key: string, person: string, source: 'camera' | 'screen'): MediaStream {
    const place = this.state.kind === 'in' ? this.state.people.findIndex(({ id }) => id === person) : 0
    const stream = this.streams.get(key) ?? (source === 'screen' ? screenOf() : cameraOf(place))
    this.streams.set(key, stream)
    return stream
  }

  private changeMe(more: Partial<Person>): void {
    if (this.state.kind !== 'in') return
    this.change({ people: this.state.people.map((one) => (one.me ? { ...one, ...more } : one)) })
  }

  private tell(state: CallState): void {
    this.state = state
    for (const listener of this.listeners) listener(state)
  }
}
