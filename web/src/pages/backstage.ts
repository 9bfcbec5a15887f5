import type { Component } from 'svelte'
import type { ProblemCode } from '../api/problems'
import type { Devices } from '../call/devices'
import type { Call, JoinWish } from '../call/model'
import type { People } from '../people/people'
import type { SessionAnswer } from '../people/wire'

/** What the notice and the imprint say; empty strings where the operator has given nothing. */
export type Operator = {
  name: string
  contact: string
  /** somebody without an account may start a meeting */
  open: boolean
  /** not even those with an account may */
  closed: boolean
  retention: Retention | undefined
  /** whoever has the link may join without an account */
  guests: boolean
  signIn: SignInWays
}

/** `provider`: its name for the button. */
export type SignInWays = { passkeys: boolean; provider: string | null }

/** `emptyMinutes` after everybody has left a meeting is over; `instantHours` after it was made, at the latest. */
export type Retention = { emptyMinutes: number; instantHours: number }

/** `known`: what its card says to somebody who is too early. */
export type Refusal = { refused: ProblemCode | 'cannot-encrypt'; retryAfter?: number; known?: Known }

/** `plan`: when it is, of a planned meeting; `readTimes` says whether it can be understood. */
export type Known = { title: string; plan?: unknown }

/** A meeting as its page before joining shows it. */
export type Found = Known & { host: boolean; waitingRoom: boolean }

/** What can be done at the address of one meeting. */
export interface Visit {
  look(): Promise<Found | Refusal>
  /** false: not saved */
  saveTitle(title: string): Promise<boolean>
  /** false: not saved */
  saveWaitingRoom(on: boolean): Promise<boolean>
  /** loads what a call needs, while the person types the name */
  warm(): void
  /** after a reload: how this tab was in the call, and will be again */
  returning(): Promise<JoinWish | undefined>
  join(wish: JoinWish): Promise<Call>
}

/** What the pages need from outside: the server, the devices, and the call logic, which is loaded when wanted. */
export interface Backstage {
  readonly devices: Devices
  operator(): Promise<Operator | null>
  /** makes secret and host key here, and the meeting at the server; answers with path and fragment of its page */
  start(): Promise<{ address: string } | Refusal>
  visit(address: string): Promise<Visit | 'incomplete' | 'cannot-encrypt'>
  /** who is signed in here, and what they can do; always the same one. Loaded when wanted */
  people(): Promise<People>
}

/** What the pages of people who have accounts are given. */
export type PeoplePageProps = {
  people: People
  operator: Operator | null | undefined
  focus: boolean
  go: (address: string) => void
}

/** What stands below the card of the start page while somebody is signed in. */
export type SignedInPart = { Part: Component<{ own: SignedInOwn }>; own: SignedInOwn }

/** `plans`: they may have planned meetings. */
export type SignedInOwn = Omit<PeoplePageProps, 'focus'> & {
  account: NonNullable<SessionAnswer['account']>
  plans: boolean
}
