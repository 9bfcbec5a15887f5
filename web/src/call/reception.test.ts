import { describe, expect, it } from 'vitest'
import { Alarms } from './alarms'
import type { MediaEngine, Peer, PeerTrack } from './media-engine'
import { Reception } from './reception'

class FakeEngine {
  people: Peer[] = []
  safe = new Set<string>()
  subscribed = new Set<string>()
  shown = new Map<HTMLVideoElement, string>()
  heard = new Set<string>()

  peers = () => this.people
  prepared = (peer: string) => this.safe.has(peer)
  subscribe = (sid: string, wanted: boolean) => void (wanted ? this.subscribed.add(sid) : this.subscribed.delete(sid))
  attach = (sid: string, element: HTMLVideoElement) => Boolean(this.shown.set(element, sid))
  detach = (element: HTMLVideoElement) => void this.shown.delete(element)
  play = (sid: string, heard: boolean) => void (heard ? this.heard.add(sid) : this.heard.delete(sid))
}

function track(source: PeerTrack['source'], more: Partial<PeerTrack> = {}): PeerTrack {
  return { sid: `TR_${source}`, source, encrypted: true, muted: false, track: `media-${source}`, ...more }
}

function peer(id: string, ...tracks: PeerTrack[]): Peer {
  return { id, speaking: false, quality: 'good', tracks }
}

const element = () => ({}) as HTMLVideoElement

function stage() {
  const names = new Map([['gustav', 'Gustav']])
  const clock = { now: 0 }
  const engine = new FakeEngine()
  const alarms = new Alarms(
    () => clock.now,
    () => undefined,
  )
  const reception = new Reception(
    (id) => names.get(id),
    alarms,
    () => clock.now,
  )
  reception.use(engine as unknown as MediaEngine)
  engine.safe.add('gustav')
  const active = () =>
    alarms
      .all()
      .filter(({ resolved }) => !resolved)
      .map(({ kind, person }) => `${kind} ${person}`)
  return { names, clock, engine, alarms, reception, active }
}

describe('what is received', () => {
  it('is the sound of those in the roster, and the pictures that are shown', () => {
    const { engine, reception } = stage()
    engine.people = [peer('gustav', track('microphone'), track('camera'))]
    reception.judge()
    expect([...engine.subscribed]).toEqual(['TR_microphone'])
    const place = element()
    const stop = reception.show({ person: 'gustav', source: 'camera' }, place)
    expect(engine.subscribed.has('TR_camera')).toBe(true)
    expect(engine.shown.get(place)).toBe('TR_camera')
    stop()
    expect(engine.subscribed.has('TR_camera')).toBe(false)
    expect(engine.shown.size).toBe(0)
  })

  it('is nothing of Otto, whom nobody announced; after two seconds he is an alarm', () => {
    const { engine, reception, clock, active } = stage()
    engine.safe.add('otto')
    engine.people = [peer('otto', track('microphone'), track('camera'))]
    reception.show({ person: 'otto', source: 'camera' }, element())
    expect(engine.subscribed.size).toBe(0)
    expect(active()).toEqual([])
    clock.now = 2000
    reception.judge()
    expect(active()).toEqual(['unknown-participant otto'])
    engine.people = []
    reception.judge()
    expect(active()).toEqual([])
  })

  it('is nothing of whom the worker does not yet guard', () => {
    const { engine, reception } = stage()
    engine.safe.clear()
    engine.people = [peer('gustav', track('microphone'))]
    reception.judge()
    expect(engine.subscribed.size).toBe(0)
    engine.safe.add('gustav')
    reception.judge()
    expect(engine.subscribed.has('TR_microphone')).toBe(true)
  })

  it('ends at once, with an alarm, when a track is no longer said to be encrypted', () => {
    const { engine, reception, active, alarms } = stage()
    const place = element()
    engine.people = [peer('gustav', track('microphone'), track('camera'))]
    reception.show({ person: 'gustav', source: 'camera' }, place)
    engine.people = [peer('gustav', track('microphone'), track('camera', { encrypted: false }))]
    reception.judge()
    expect(engine.subscribed.has('TR_camera')).toBe(false)
    expect(engine.shown.size).toBe(0)
    expect(engine.heard.size).toBe(0)
    expect(active()).toEqual(['track-not-encrypted gustav'])
    expect(alarms.concern('gustav')).toBe(true)
    engine.people = [peer('gustav', track('microphone'), track('camera'))]
    reception.judge()
    expect(active()).toEqual([])
    expect(engine.heard.has('TR_microphone')).toBe(true)
    expect(alarms.all()).toMatchObject([{ kind: 'track-not-encrypted', name: 'Gustav', resolved: true }])
  })

  it('ends when somebody leaves the roster, although the engine still has them', () => {
    const { engine, reception, names } = stage()
    engine.people = [peer('gustav', track('microphone'))]
    reception.judge()
    names.delete('gustav')
    reception.judge()
    expect(engine.subscribed.size).toBe(0)
    expect(engine.heard.size).toBe(0)
  })

  it('stays subscribed while it is muted, and until its place on the page is back', () => {
    const { engine, reception, clock } = stage()
    const picture = (muted: boolean) => {
      engine.people = [peer('gustav', track('camera', { muted }))]
      reception.judge()
    }
    picture(false)
    const stop = reception.show({ person: 'gustav', source: 'camera' }, element())
    picture(true)
    stop()
    for (clock.now = 1000; clock.now < 60_000; clock.now += 1000) picture(true)
    expect([...engine.subscribed]).toEqual(['TR_camera'])
    picture(false)
    const place = element()
    const again = reception.show({ person: 'gustav', source: 'camera' }, place)
    expect(engine.shown.get(place)).toBe('TR_camera')
    again()
    clock.now += 2000
    picture(false)
    expect(engine.subscribed.size).toBe(0)
  })

  it('of a muted picture does not outlive what speaks against it', () => {
    const { engine, reception, names } = stage()
    engine.people = [peer('gustav', track('camera'))]
    const stop = reception.show({ person: 'gustav', source: 'camera' }, element())
    engine.people = [peer('gustav', track('camera', { muted: true }))]
    reception.judge()
    stop()
    names.delete('gustav')
    reception.judge()
    expect(engine.subscribed.size).toBe(0)
    names.set('gustav', 'Gustav')
    reception.judge()
    expect(engine.subscribed.size).toBe(0)
  })

  it('is no picture while incoming video is stopped', () => {
    const { engine, reception } = stage()
    engine.people = [peer('gustav', track('microphone'), track('camera'))]
    reception.show({ person: 'gustav', source: 'camera' }, element())
    reception.incomingVideo = false
    reception.judge()
    expect([...engine.subscribed]).toEqual(['TR_microphone'])
  })

  it('that cannot be decrypted for three seconds is an alarm, silent and dark, until it can', () => {
    const { engine, reception, clock, active } = stage()
    engine.people = [peer('gustav', track('microphone'))]
    const flow = (received: number, passed: number) =>
      reception.flow([{ sender: 'gustav', track: 'media-microphone', received, passed }])
    flow(10, 10)
    for (const second of [1, 2, 3, 4]) {
      clock.now = second * 1000
      flow(10 + second * 50, 10)
      expect(active()).toEqual(second < 4 ? [] : ['cannot-decrypt gustav'])
    }
    expect(engine.heard.size).toBe(0)
    expect(engine.subscribed.has('TR_microphone')).toBe(true)
    clock.now = 5000
    flow(300, 60)
    expect(active()).toEqual([])
    expect(engine.heard.has('TR_microphone')).toBe(true)
  })

  it('is not mistrusted for its silence', () => {
    const { engine, reception, clock, active } = stage()
    engine.people = [peer('gustav', track('microphone'))]
    for (const second of [0, 1, 2, 3, 4, 5]) {
      clock.now = second * 1000
      reception.flow([{ sender: 'gustav', track: 'media-microphone', received: 10, passed: 10 }])
    }
    expect(active()).toEqual([])
  })
})

describe('a camera that is on', () => {
  it('and shown, but brings no picture for some seconds, is told; the next frame ends it', () => {
    const { engine, reception, clock } = stage()
    engine.people = [peer('gustav', track('camera'))]
    reception.show({ person: 'gustav', source: 'camera' }, element())
    const flow = (passed: number) =>
      reception.flow([{ sender: 'gustav', track: 'media-camera', received: passed, passed }])
    flow(10)
    clock.now = 4000
    expect(reception.noPicture('gustav')).toBe(false)
    clock.now = 4001
    expect(reception.noPicture('gustav')).toBe(true)
    flow(11)
    expect(reception.noPicture('gustav')).toBe(false)
  })

  it('but not shown here, or muted, or of somebody who has gone, is nobody’s problem', () => {
    const { engine, reception, clock } = stage()
    engine.people = [peer('gustav', track('camera'))]
    reception.judge()
    clock.now = 10_000
    expect(reception.noPicture('gustav')).toBe(false)
    reception.show({ person: 'gustav', source: 'camera' }, element())
    engine.people = [peer('gustav', track('camera', { muted: true }))]
    reception.judge()
    clock.now = 20_000
    expect(reception.noPicture('gustav')).toBe(false)
    engine.people = []
    reception.judge()
    engine.people = [peer('gustav', track('camera'))]
    reception.judge()
    expect(reception.noPicture('gustav')).toBe(false)
  })
})
