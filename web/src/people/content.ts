import type { Plan } from '../schedule/plan'

/** What the vault holds. Fields that a later version brings are kept as they are. */
export type VaultContent = { v: 1; meetings: VaultMeeting[] }

export type VaultMeeting = {
  /** `M` */
  meeting: string
  /** `S` */
  secret: string
  /** `HK` */
  host: string
  /** of the host key, 43 characters */
  seed: string
  title: string
  /** instant, ISO 8601 */
  created: string
  plan?: Plan
}

/** Why the vault could not be read or changed; nothing of what the server holds was touched. */
export type VaultTroubleKind =
  /** the server gave an older version than this browser has seen */
  | 'rolled_back'
  /** it does not open: cut off, swapped, tampered with, or under another key */
  | 'unreadable'
  /** other devices were faster each time */
  | 'contended'
  /** more than a vault may hold */
  | 'too_large'

export class VaultTrouble extends Error {
  constructor(readonly kind: VaultTroubleKind) {
    super(kind)
    this.name = 'VaultTrouble'
  }
}

/** Both methods throw {@link VaultTrouble}, or `Problem` where the server did not do it. */
export interface OpenVault {
  /** whose it is, by id */
  readonly account: string
  /** the newest content; the person's own, to be looked at and not changed */
  read(): Promise<VaultContent>
  /**
   * Saves what `edit` makes of the newest content. `edit` may run several times, each time on newer content, when
   * another device was faster: so it changes what it is given and remembers nothing. Answers with what was saved.
   */
  change(edit: (content: VaultContent) => VaultContent): Promise<VaultContent>
}
