/**
 * Our own words between the page and the media worker, beside livekit-client's. Its manager ignores kinds it does not
 * know, in both directions.
 */
export const OWN = 'klausur-own'
export const ENABLE = 'klausur-enable'
export const ENABLED = 'klausur-enabled'
export const READY = 'klausur-ready'
export const FLOW = 'klausur-flow'
export const PLAINTEXT = 'klausur-plaintext'

/** Frames of one received track: those that arrived, and those that could be decrypted. */
export type Flow = { sender: string; track: string; received: number; passed: number }

/** The page's words: who oneself is, and whom to expect encrypted frames from. */
export type ToWorker = { kind: typeof OWN | typeof ENABLE; data: { participantIdentity: string } }

export type FromWorker =
  | { kind: typeof READY }
  | { kind: typeof ENABLED; data: { participantIdentity: string } }
  /** every second, also as a sign of life */
  | { kind: typeof FLOW; data: Flow[] }
  /** a frame that should have been encrypted was not, and was held back */
  | { kind: typeof PLAINTEXT }
