/**
 * What the pages see of a call: plain values, no DOM, no SDK. Screens are functions of {@link CallState}.
 */
import type { ProblemCode } from '../api/problems'

export type Source = 'camera' | 'microphone' | 'screen'
export type DeviceKind = 'camera' | 'microphone' | 'speaker'

/** Why a device cannot be used; each has its own heading in screens. */
export type DeviceTrouble = { kind: DeviceKind; why: 'refused' | 'missing' | 'busy' }
/** It was on, but could not be sent on two connections in a row: it is off now. */
export type SendingTrouble = { kind: Source; why: 'unsent' }
export type Trouble = DeviceTrouble | SendingTrouble

export type Device = { id: string; label: string }
export type DeviceList = { camera: Device[]; microphone: Device[]; speaker: Device[] }
export type ChosenDevices = { camera?: string; microphone?: string; speaker?: string }

export type Quality = 'good' | 'poor' | 'lost' | 'unknown'

/** By power: a host is who holds the host key, a co-host whom the host's signed rules name. */
export type Role = 'host' | 'cohost' | 'participant'

export type Person = {
  /** pseudonym, 22 characters */
  id: string
  /** from the person's own announcement, cleaned; never from the server */
  name: string
  me: boolean
  microphone: boolean
  /** a camera picture can be shown: published, encrypted, not muted, not blocked */
  camera: boolean
  /** a screen can be shown */
  screen: boolean
  speaking: boolean
  reconnecting: boolean
  quality: Quality
  /** an alarm is active for this person: nothing of theirs is shown or heard */
  blocked: boolean
  role: Role
  /** while a hand is up: since when, epoch ms by the server's time; the lowest comes first */
  hand?: number
  /** the name of somebody whom this one's name imitates: who was here before, or where this page cannot know that, any */
  imitates?: string
  /** their camera is on, but no picture has arrived for some seconds */
  noPicture: boolean
}

/** Somebody in front of the door, as hosts and co-hosts see them. */
export type Knock = {
  /** pseudonym */
  id: string
  /** cleaned */
  name: string
  /** six characters, `ABC DEF`, the same that the waiting person sees */
  code: string
  /** removed from this meeting before, as that browser says, or by the name */
  returning: boolean
  /** the name of somebody inside, whom this one's name imitates */
  imitates?: string
  /** the answer is on its way */
  answered: boolean
}

export const REACTIONS = ['👍', '👏', '❤️', '😂', '😮', '🎉'] as const
export type Reaction = { id: string; person: string; emoji: (typeof REACTIONS)[number] }

/** Something that happened to oneself or to the meeting by somebody's act; shown and said for some seconds. */
export type Happening = {
  id: string
  /** who did it; empty for oneself */
  by: string
} & (
  | { what: 'muted' | 'video-stopped' | 'screen-stopped' | 'made-cohost' | 'unmade-cohost' }
  | { what: 'locked' | 'unlocked' | 'sharing-forbidden' | 'sharing-allowed' }
  | { what: 'removed' | 'hand' | 'renamed'; name: string }
  /** an act of one's own that the server refused or did not answer */
  | { what: 'failed'; why?: RefusedBecause }
)

/** Why nobody can be let in just now. */
export type RefusedBecause = 'meeting_locked' | 'meeting_full'

export type AlarmKind =
  | 'self-not-encrypted' // own encryption could not be established: nothing is sent
  | 'unknown-participant' // connected to the engine, announced by nobody
  | 'track-not-encrypted' // the server says a track is in clear
  | 'cannot-decrypt' // frames of this person cannot be decrypted for > 3 s
  | 'plaintext-data' // data in clear was injected
  | 'worker-failed'

/** Stays until resolved. `name` is missing for somebody who is not in the roster. */
export type Alarm = { id: string; kind: AlarmKind; person?: string; name?: string; at: number; resolved: boolean }

export type Shield = 'on' | 'blocked'

/** Why a call is over, or could not begin. */
export type Ending =
  | { why: 'left' }
  | { why: 'ended' }
  | { why: 'removed' }
  | { why: 'connection-lost' }
  | { why: 'restarting' }
  | { why: 'replaced' }
  /** not let in, for the last time */
  | { why: 'declined' }
  | { why: 'cannot-encrypt' }
  | { why: 'problem'; code: ProblemCode; retryAfter?: number }

export type InCall = {
  kind: 'in'
  /** oneself first, then in order of arrival */
  people: Person[]
  /** who spoke last, most recent first, pseudonyms; never oneself */
  speakers: string[]
  shield: Shield
  /** active ones first */
  alarms: Alarm[]
  connection: 'steady' | 'reconnecting'
  /** the browser plays no sound before a click */
  soundBlocked: boolean
  incomingVideo: boolean
  troubles: Trouble[]
  devices: DeviceList
  chosen: ChosenDevices
  /** cleaned; empty when the meeting has none */
  title: string
  /** when the opening began, epoch ms by this machine's clock; unknown until the server has told */
  since: number | undefined
  /** one's own */
  role: Role
  /** whether a host is inside: without one co-hosts may end the meeting */
  hostPresent: boolean
  /** the switches of the meeting, as the host has signed them */
  waitingRoom: boolean
  everyoneShares: boolean
  locked: boolean
  /** one's own permission to share a screen */
  mayShare: boolean
  /** hosts and co-hosts only; in order of arrival */
  knocks: Knock[]
  /** of the last few seconds */
  reactions: Reaction[]
  happenings: Happening[]
  /** one talks with the microphone off */
  talkingMuted: boolean
}

/** In front of the door. Nothing of the meeting is known here. */
export type Waiting = {
  kind: 'waiting'
  /** six characters, `ABC DEF`, to be read out to the host */
  code: string
  /** `declined`: not let in, but one may ask once more */
  is: 'waiting' | 'declined'
  connection: 'steady' | 'reconnecting'
}

/** `joining` until one's own encryption has been acknowledged, or has failed, for the first time. */
export type CallState = { kind: 'joining' } | Waiting | InCall | { kind: 'over'; ending: Ending }

/** A place where a picture is wanted. */
export type PictureOf = { person: string; source: 'camera' | 'screen' }

export type JoinWish = {
  name: string
  /** live tracks of the page before joining are handed over, so that the camera does not blink */
  cameraTrack?: MediaStreamTrack
  microphoneTrack?: MediaStreamTrack
  chosen: ChosenDevices
  incomingVideo: boolean
}

/** The call as the pages use it. No method throws; what goes wrong appears in the state. */
export interface Call {
  readonly state: CallState
  /** called at once and on each change; returns the way to stop */
  subscribe(listener: (state: CallState) => void): () => void

  setMicrophone(on: boolean): Promise<void>
  setCamera(on: boolean): Promise<void>
  /** must run inside the click's task: browsers want a user gesture */
  setScreen(on: boolean): Promise<void>
  choose(kind: DeviceKind, id: string): Promise<void>
  /** front and rear camera of a phone */
  switchCamera(): Promise<void>
  setIncomingVideo(on: boolean): Promise<void>
  turnOnSound(): Promise<void>
  dismissTrouble(trouble: Trouble): void

  /**
   * Shows a picture in a video element; returns the way to take it away. Only attached pictures are subscribed,
   * at the size at which they are shown. Sound needs no element: the call plays it itself.
   */
  show(picture: PictureOf, element: HTMLVideoElement): () => void

  leave(): Promise<void>

  /** after having been declined */
  knockAgain(): Promise<void>

  rename(name: string): Promise<void>
  raiseHand(up: boolean): Promise<void>
  react(emoji: Reaction['emoji']): Promise<void>

  // Of hosts and co-hosts. What the role does not allow does nothing.
  admit(knock: string): Promise<void>
  decline(knock: string): Promise<void>
  admitAll(): Promise<void>
  mute(person: string): Promise<void>
  muteEveryone(): Promise<void>
  stopVideo(person: string): Promise<void>
  stopScreen(person: string): Promise<void>
  remove(person: string): Promise<void>
  lock(on: boolean): Promise<void>
  endForEveryone(): Promise<void>

  // Of hosts.
  makeCohost(person: string, on: boolean): Promise<void>
  setWaitingRoom(on: boolean): Promise<void>
  setEveryoneShares(on: boolean): Promise<void>
  /** carries the host's power: whoever opens it is a host; undefined when this browser does not hold the key */
  hostLink(): Promise<string | undefined>
}
