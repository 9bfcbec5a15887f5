/** What flows, from the browser's own counters. */
import type { Person } from './person.ts'
import { eventually, pause } from './waiting.ts'

export type Inbound = {
  connection: number
  kind: 'audio' | 'video'
  track: string
  bytes: number
  packets: number
  framesDecoded: number
  width: number
  height: number
  /** sum over the samples heard; grows only with sound */
  energy: number
  samples: number
}
export type Outbound = {
  connection: number
  kind: 'audio' | 'video'
  bytes: number
  packets: number
  frames: number
  width: number
}
export type Connection = {
  state: RTCPeerConnectionState
  iceServers: RTCIceServer[]
  /** addresses that the other side offered */
  remote: string[]
}
export type Flow = { connections: Connection[]; inbound: Inbound[]; outbound: Outbound[] }

export function flow(person: Person): Promise<Flow> {
  return person.evaluate(async () => {
    const result: Flow = { connections: [], inbound: [], outbound: [] }
    for (const [index, { connection, configuration }] of window.spied.connections.entries()) {
      const remote: string[] = []
      // biome-ignore lint/suspicious/noExplicitAny: a statistics report is a bag of differing entries
      for (const entry of (await connection.getStats()).values() as IterableIterator<any>) {
        if (entry.type === 'remote-candidate') remote.push(entry.address ?? entry.ip ?? '')
        if (entry.type === 'inbound-rtp')
          result.inbound.push({
            connection: index,
            kind: entry.kind,
            track: entry.trackIdentifier ?? '',
            bytes: entry.bytesReceived ?? 0,
            packets: entry.packetsReceived ?? 0,
            framesDecoded: entry.framesDecoded ?? 0,
            width: entry.frameWidth ?? 0,
            height: entry.frameHeight ?? 0,
            energy: entry.totalAudioEnergy ?? 0,
            samples: entry.totalSamplesReceived ?? 0,
          })
        if (entry.type === 'outbound-rtp')
          result.outbound.push({
            connection: index,
            kind: entry.kind,
            bytes: entry.bytesSent ?? 0,
            packets: entry.packetsSent ?? 0,
            frames: entry.framesEncoded ?? 0,
            width: entry.frameWidth ?? 0,
          })
      }
      const iceServers = [...(configuration?.iceServers ?? []), ...(connection.getConfiguration?.().iceServers ?? [])]
      result.connections.push({ state: connection.connectionState, iceServers, remote })
    }
    return result
  }, null)
}

export function total<K extends string>(
  entries: ({ [key in K]: number } & { kind: string })[],
  kind: string,
  field: K,
): number {
  return entries.filter((entry) => entry.kind === kind).reduce((sum, entry) => sum + entry[field], 0)
}

/** How many incoming pictures gained at least `frames` decoded frames while we watched; waits for `wanted` of them. */
export async function picturesMove(
  person: Person,
  wanted: number,
  { frames = 5, within = 40_000 } = {},
): Promise<void> {
  const before = new Map<string, number>()
  await eventually(
    `${wanted} pictures move at ${person.name}'s`,
    async () => {
      const { inbound } = await flow(person)
      const moved = inbound.filter((each) => {
        if (each.kind !== 'video') return false
        const key = `${each.connection} ${each.track}`
        const known = before.get(key)
        if (known === undefined) before.set(key, each.framesDecoded)
        return each.framesDecoded - (known ?? each.framesDecoded) >= frames
      })
      return moved.length >= wanted
    },
    { within },
  )
}

/** Waits until the energy of `wanted` incoming sounds has grown. */
export async function soundsArrive(person: Person, wanted: number, { within = 40_000 } = {}): Promise<void> {
  const before = new Map<string, number>()
  await eventually(
    `${wanted} sounds arrive at ${person.name}'s`,
    async () => {
      const { inbound } = await flow(person)
      const grown = inbound.filter((each) => {
        if (each.kind !== 'audio') return false
        const key = `${each.connection} ${each.track}`
        const known = before.get(key)
        if (known === undefined) before.set(key, each.energy)
        return each.energy > (known ?? each.energy) + 1e-6
      })
      return grown.length >= wanted
    },
    { within },
  )
}

/** Waits until nothing at all is heard any more; the fake microphones beep once a second. */
export async function soundsStop(person: Person, { within = 20_000 } = {}): Promise<void> {
  const energy = async () => total((await flow(person)).inbound, 'audio', 'energy')
  await eventually(
    `nothing is heard at ${person.name}'s`,
    async () => {
      const before = await energy()
      await pause(1_500)
      return (await energy()) - before < 1e-6
    },
    { within },
  )
}

/** The picture in a person's tile, or in a shared screen's, is shown and new frames reach the screen. */
export async function pictureIsShown(
  person: Person,
  group: string,
  { within = 40_000 } = {},
): Promise<{ width: number; height: number }> {
  return person.waitFor(
    `a moving picture in “${group}” at ${person.name}'s`,
    () =>
      person.inside(
        'group',
        group,
        async (element) => {
          const video = element.querySelector('video')
          if (!video) return null
          const next = () =>
            new Promise<number | null>((resolve) => {
              const end = performance.now() + 8_000
              // An element that the page has replaced meanwhile gets no more frames: ask again soon.
              const watch = setInterval(() => (video.isConnected && performance.now() < end) || done(null), 250)
              const done = (frames: number | null) => {
                clearInterval(watch)
                resolve(frames)
              }
              video.requestVideoFrameCallback((_, frame) => done(frame.presentedFrames))
            })
          const [first, second] = [await next(), await next()]
          return first !== null && second !== null && second > first
            ? { width: video.videoWidth, height: video.videoHeight }
            : null
        },
        null,
      ),
    { within },
  )
}
