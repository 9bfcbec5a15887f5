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
}

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
}

/** `joining` until one's own encryption has been acknowledged, or has failed, for the first time. */
export type CallState = { kind: 'joining' } | InCall | { kind: 'over'; ending: Ending }

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
}
