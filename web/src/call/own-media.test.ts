import { describe, expect, it } from 'vitest'
import { DeviceFailure, type Devices, type SharedScreen } from './devices'
import type { MediaEngine, TrackSource } from './media-engine'
import type { DeviceList, DeviceTrouble, Trouble } from './model'
import { OwnMedia } from './own-media'

class FakeTrack extends EventTarget {
  readyState = 'live'
  enabled = true
  constructor(readonly deviceId: string) {
    super()
  }
  stop(): void {
    this.readyState = 'ended'
  }
  getSettings() {
    return { deviceId: this.deviceId }
  }
  unplug(): void {
    this.readyState = 'ended'
    this.dispatchEvent(new Event('ended'))
  }
}

class FakeDevices {
  opened: FakeTrack[] = []
  trouble: DeviceTrouble['why'] | undefined
  plugged: DeviceList = { camera: [], microphone: [{ id: 'built-in', label: '' }], speaker: [] }
  canChooseSpeaker = true
  screen: SharedScreen | undefined = undefined

  openCamera = async (id?: string) => this.open('camera', id)
  openMicrophone = async (id?: string) => this.open('microphone', id)
  openScreen = async () => this.screen
  list = async () => this.plugged

  private open(kind: 'camera' | 'microphone', id = 'built-in'): MediaStreamTrack {
    if (this.trouble) throw new DeviceFailure({ kind, why: this.trouble })
    const track = new FakeTrack(id)
    this.opened.push(track)
    return track as unknown as MediaStreamTrack
  }
}

class FakeEngine {
  done: string[] = []
  fails = false
  publish = async (source: TrackSource) => {
    this.done.push(`publish ${source}`)
    if (this.fails) throw new Error('refused')
  }
  unpublish = async (source: TrackSource) => void this.done.push(`unpublish ${source}`)
  setMuted = async (source: TrackSource, muted: boolean) =>
    void this.done.push(`${muted ? 'mute' : 'unmute'} ${source}`)
  replace = async (source: TrackSource) => void this.done.push(`replace ${source}`)
  setSpeaker = async (id: string | undefined) => void this.done.push(`speaker ${id}`)
}

function stage() {
  const [devices, engine, troubles] = [new FakeDevices(), new FakeEngine(), [] as Trouble[]]
  const own = new OwnMedia(
    devices as unknown as Devices,
    {},
    {
      changed: () => undefined,
      trouble: (it) => void troubles.push(it),
      unsent: () => void engine.done.push('unsent'),
    },
  )
  return { devices, engine, troubles, own, connect: () => own.use(engine as unknown as MediaEngine) }
}

describe('Hanna’s microphone and camera', () => {
  it('are published once there is an encrypted connection, not before', async () => {
    const { own, engine, connect } = stage()
    await own.setMicrophone(true)
    await own.setCamera(true)
    expect(engine.done).toEqual([])
    await connect()
    expect(engine.done).toEqual(['publish microphone', 'publish camera'])
  })

  it('are muted and heard again on the same publication; a camera that is off is released', async () => {
    const { own, engine, devices, connect } = stage()
    await connect()
    for (const on of [true, false, true]) await own.setMicrophone(on)
    for (const on of [true, false, true]) await own.setCamera(on)
    expect(engine.done).toEqual([
      'publish microphone',
      'mute microphone',
      'unmute microphone',
      'publish camera',
      'mute camera',
      'replace camera',
      'unmute camera',
    ])
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(['live', 'ended', 'live'])
  })

  it('come back as they were on another connection, without being opened again', async () => {
    const { own, engine, devices, connect } = stage()
    await connect()
    await own.setMicrophone(true)
    await own.setCamera(true)
    await own.setCamera(false)
    await own.use(undefined)
    engine.done = []
    await connect()
    expect(engine.done).toEqual(['publish microphone'])
    expect(devices.opened).toHaveLength(2)
  })

  it('stay off when the browser refuses, and say why', async () => {
    const { own, devices, troubles, engine, connect } = stage()
    await connect()
    devices.trouble = 'refused'
    await own.setCamera(true)
    expect(own.isOn('camera')).toBe(false)
    expect(troubles).toEqual([{ kind: 'camera', why: 'refused' }])
    expect(engine.done).toEqual([])
  })

  it('unplugged: the microphone falls back to another, the camera goes off', async () => {
    const { own, devices, troubles, engine, connect } = stage()
    await connect()
    own.chosen.microphone = 'headset'
    await own.setMicrophone(true)
    await own.setCamera(true)
    devices.opened[0]?.unplug()
    devices.opened[1]?.unplug()
    await own.setMicrophone(true)
    expect(own.isOn('microphone')).toBe(true)
    expect(engine.done).toContain('replace microphone')
    expect(own.chosen.microphone).toBe('headset')
    expect(own.isOn('camera')).toBe(false)
    expect(engine.done).toContain('mute camera')
    expect(troubles).toEqual([{ kind: 'camera', why: 'missing' }])
  })

  it('return to the headset when it is plugged in again', async () => {
    const { own, devices, connect } = stage()
    await connect()
    await own.setMicrophone(true)
    own.chosen.microphone = 'headset'
    devices.plugged = { ...devices.plugged, microphone: [{ id: 'headset', label: '' }] }
    await own.refresh()
    expect(devices.opened.at(-1)?.deviceId).toBe('headset')
  })

  it('silenced by the server are shown as off', async () => {
    const { own, connect } = stage()
    await connect()
    await own.setMicrophone(true)
    own.silencedByServer('microphone')
    expect(own.isOn('microphone')).toBe(false)
  })

  it('that could not be published are tried again on the next connection', async () => {
    const { own, engine, connect } = stage()
    engine.fails = true
    await connect()
    await own.setMicrophone(true)
    engine.fails = false
    await connect()
    expect(engine.done).toEqual(['publish microphone', 'unsent', 'publish microphone'])
    expect(own.isOn('microphone')).toBe(true)
  })

  it('that could not be published twice in a row are off, and that is said', async () => {
    const { own, engine, devices, troubles, connect } = stage()
    engine.fails = true
    await connect()
    await own.setCamera(true)
    await connect()
    expect(engine.done).toEqual(['publish camera', 'unsent', 'publish camera'])
    expect(own.isOn('camera')).toBe(false)
    expect(devices.opened[0]?.readyState).toBe('ended')
    expect(troubles).toEqual([{ kind: 'camera', why: 'unsent' }])
  })

  it('are not published a second time when they cannot be replaced', async () => {
    const { own, engine, connect } = stage()
    await connect()
    await own.setCamera(true)
    await own.setCamera(false)
    engine.replace = async () => {
      throw new Error('refused')
    }
    await own.setCamera(true)
    await own.setCamera(true)
    expect(engine.done).toEqual(['publish camera', 'mute camera', 'unsent'])
  })

  it('that open after the end are closed at once', async () => {
    const { own, devices, connect } = stage()
    await connect()
    let allow = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      allow = resolve
    })
    const open = devices.openCamera
    devices.openCamera = async (id) => {
      await asked
      return open(id)
    }
    const [camera, microphone] = [own.setCamera(true), own.setMicrophone(true)]
    await Promise.resolve()
    await Promise.resolve()
    own.end()
    allow()
    await Promise.all([camera, microphone])
    expect(devices.opened.map(({ readyState }) => readyState)).toEqual(['ended'])
    expect(own.isOn('camera') || own.isOn('microphone')).toBe(false)
  })

  it('are free when the call is over', async () => {
    const { own, devices, connect } = stage()
    await connect()
    await own.setMicrophone(true)
    own.end()
    expect(devices.opened.every(({ readyState }) => readyState === 'ended')).toBe(true)
  })
})

describe('Hanna’s screen', () => {
  it('that could not be shared on two connections in a row is free again, and that is said', async () => {
    const { own, engine, devices, troubles, connect } = stage()
    const [picture, sound] = [new FakeTrack('screen'), new FakeTrack('sound')]
    devices.screen = { picture, sound } as unknown as SharedScreen
    engine.fails = true
    await connect()
    await own.setScreen(true)
    await connect()
    expect(own.isOn('screen')).toBe(false)
    expect([picture.readyState, sound.readyState]).toEqual(['ended', 'ended'])
    expect(troubles).toEqual([{ kind: 'screen', why: 'unsent' }])
  })

  it('is shared with its sound and ends from the browser’s own bar', async () => {
    const { own, engine, devices, connect } = stage()
    await connect()
    const [picture, sound] = [new FakeTrack('screen'), new FakeTrack('sound')]
    devices.screen = { picture, sound } as unknown as SharedScreen
    await own.setScreen(true)
    expect(engine.done).toEqual(['publish screen', 'publish screen-sound'])
    picture.unplug()
    await own.setMicrophone(false)
    expect(own.isOn('screen')).toBe(false)
    expect(sound.readyState).toBe('ended')
    expect(engine.done.slice(2)).toEqual(expect.arrayContaining(['unpublish screen', 'unpublish screen-sound']))
  })

  it('that the server silences is captured no longer', async () => {
    const { own, engine, devices, connect } = stage()
    await connect()
    const [picture, sound] = [new FakeTrack('screen'), new FakeTrack('sound')]
    devices.screen = { picture, sound } as unknown as SharedScreen
    await own.setScreen(true)
    own.silencedByServer('screen')
    await own.setMicrophone(false)
    expect([picture.readyState, sound.readyState]).toEqual(['ended', 'ended'])
    expect(engine.done.slice(2)).toEqual(['unpublish screen', 'unpublish screen-sound'])
  })

  it('chosen in the picker after the end is not shared', async () => {
    const { own, devices } = stage()
    const [picture, sound] = [new FakeTrack('screen'), new FakeTrack('sound')]
    devices.screen = { picture, sound } as unknown as SharedScreen
    const shared = own.setScreen(true)
    own.end()
    await shared
    expect([picture.readyState, sound.readyState]).toEqual(['ended', 'ended'])
    expect(own.isOn('screen')).toBe(false)
  })

  it('is not shared when she changes her mind', async () => {
    const { own, engine, connect } = stage()
    await connect()
    await own.setScreen(true)
    expect(own.isOn('screen')).toBe(false)
    expect(engine.done).toEqual([])
  })
})
