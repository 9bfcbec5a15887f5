import type { Api } from '../api/client'
import { Problem, type ProblemCode } from '../api/problems'
import type { MeetingView, NewMeeting } from '../api/types'
import { type MeetingLink, printHostLink } from '../link'
import { type CardContent, contentOf, titleIn } from './card'
import { fits, type HostKeys, hostKeyOf, seedOf } from './host-keys'
import {
  cardContext,
  cardKey,
  fingerprint,
  importSecret,
  isHostKey,
  linkProof,
  type MeetingSecret,
  newHostKey,
  newSecret,
  proofHash,
  publicKeyOf,
  seal,
  signCard,
} from './keys'
import type { MeetingLaw } from './meeting-law'
import { cleanName } from './names'
import { inSession, type Rules, signRules } from './rules'

/** Each time another tab of the host was faster. */
const AMENDED_AT_MOST = 5

const OVER: readonly ProblemCode[] = ['no_meeting', 'meeting_ended']

/**
 * What the page before joining knows of a meeting. `session`: id of the current opening, or of the next one; `rules`: as
 * the server has them, to be judged by {@link MeetingLaw}; `must_knock`: it takes no guest by the link alone, also where
 * the host's rules say nothing of a waiting room.
 */
export type Look = Pick<MeetingView, 'state' | 'session' | 'rules' | 'must_knock'> & {
  /** cleaned; empty when there is none or it cannot be opened */
  title: string
  /** of a planned meeting, as its card has it */
  plan: unknown
  cardVersion: number
  /** whether this browser holds the host key */
  host: boolean
  /** raw public key, the one that the link speaks of */
  hostKey: string
  serverTime: string
  /** of a planned meeting: before it only a host gets in */
  opensAt: string | null
  timesVersion: number
}

/** Of a meeting that is not for now; `guests`: whether people without an account may come. */
export type Planned = Pick<NewMeeting, 'opens_at' | 'closes_at' | 'guests'>

/** Secret and proof of a link, derived once. */
export type Opened = { link: MeetingLink; secret: MeetingSecret; proof: string }

export async function openLink(link: MeetingLink): Promise<Opened> {
  const secret = await importSecret(link.secret)
  return { link, secret, proof: await linkProof(secret) }
}

/** Meetings as one makes them, looks at them and titles them: everything before the call. Methods throw `Problem`. */
export class Meetings {
  constructor(
    private readonly api: Api,
    private readonly hostKeys: HostKeys,
  ) {}

  /** A new meeting, instant or `planned`, its secrets made here. */
  async start(planned: Planned = {}): Promise<MeetingLink> {
    const secretText = newSecret()
    const [secret, pair] = await Promise.all([importSecret(secretText), newHostKey()])
    const publicKey = await publicKeyOf(pair)
    const hash = await proofHash(await linkProof(secret))
    const asked = { host_public_key: publicKey, link_proof_hash: hash, ...planned }
    const { meeting } = await this.api.openMeeting(asked)
    await this.hostKeys.keep(meeting, pair.privateKey, hash)
    return { meeting, secret: secretText, host: await fingerprint(publicKey) }
  }

  /**
   * `no_meeting` also when the server names another host key than the link does: then one of the two lies, and nothing
   * that follows could be trusted.
   */
  async look(opened: Opened): Promise<Look> {
    const { link } = opened
    const view = await this.view(opened)
    if (!(await isHostKey(view.host_public_key, link.host))) throw new Problem('no_meeting')
    const hostKey = await this.hostKey(opened)
    if (hostKey && view.opens_at) await this.keepUntilClosed(opened, hostKey, view)
    const card = await contentOf(view.card, opened)
    return {
      ...view,
      title: titleIn(card) ?? '',
      plan: card.plan,
      cardVersion: view.card?.version ?? 0,
      host: hostKey !== undefined,
      hostKey: view.host_public_key,
      serverTime: view.server_time,
      opensAt: view.opens_at,
      timesVersion: view.times_version,
    }
  }

  /** The host's private key, where this browser holds it. */
  hostKey({ link }: Opened): Promise<CryptoKey | undefined> {
    return this.hostKeys.of(link.meeting)
  }

  /** Takes the host's power out of a host link; false when it is not this meeting's. */
  async adopt({ link, proof }: Opened, seed: string): Promise<boolean> {
    if (!(await fits(seed, link.host))) return false
    const { privateKey } = await hostKeyOf(seed)
    await this.hostKeys.keep(link.meeting, privateKey, await proofHash(proof))
    return true
  }

  /** Only with the host key. `undefined` for a key that cannot leave this browser. */
  async hostLink(opened: Opened, origin: string): Promise<string | undefined> {
    try {
      const hostKey = await this.hostKey(opened)
      return hostKey && printHostLink(opened.link, await seedOf(hostKey), origin)
    } catch {
      return undefined
    }
  }

  /**
   * Only with the host key: signs what `change` makes of the newest rules. When somebody else (another tab of the host)
   * was faster, of theirs. A change that returns what it was given changes nothing.
   */
  async amend(opened: Opened, law: MeetingLaw, session: string, change: (rules: Rules) => Rules): Promise<void> {
    const { link, proof } = opened
    const hostKey = await this.hostKey(opened)
    if (!hostKey) throw new Problem('not_host')
    for (let tries = 1; ; tries += 1) {
      const rules = inSession(law.rules, session)
      const next = change(rules)
      if (next === rules) return
      const signed = await signRules(hostKey, link.meeting, { ...next, version: rules.version + 1 })
      try {
        await this.api.putRules(link.meeting, proof, signed)
        return await law.take(signed)
      } catch (problem) {
        if (tries >= AMENDED_AT_MOST || !(problem instanceof Problem && problem.code === 'rules_outdated'))
          throw problem
        await law.take((await this.view(opened)).rules)
      }
    }
  }

  /** Only with the host key. Tries again once when somebody else (another tab of the host) was faster. */
  setTitle(opened: Opened, title: string): Promise<void> {
    return this.setCard(opened, { title: cleanName(title) })
  }

  /** As `setTitle`; what is not named on the card stays as it is. */
  async setCard(opened: Opened, named: CardContent): Promise<void> {
    try {
      await this.putCard(opened, named)
    } catch (problem) {
      if (!(problem instanceof Problem && problem.code === 'card_outdated')) throw problem
      await this.putCard(opened, named)
    }
  }

  /** Only with the host key. */
  setWaitingRoom(opened: Opened, law: MeetingLaw, session: string, on: boolean): Promise<void> {
    return this.amend(opened, law, session, (rules) =>
      rules.waitingRoom === on ? rules : { ...rules, waitingRoom: on },
    )
  }

  private async keepUntilClosed({ link, proof }: Opened, key: CryptoKey, view: MeetingView): Promise<void> {
    const lifetime = Date.parse(view.closes_at) - Date.parse(view.server_time)
    if (lifetime > 0) await this.hostKeys.keep(link.meeting, key, await proofHash(proof), lifetime)
  }

  private async view({ link, proof }: Opened): Promise<MeetingView> {
    try {
      return await this.api.meeting(link.meeting, proof)
    } catch (problem) {
      if (problem instanceof Problem && OVER.includes(problem.code)) {
        await this.hostKeys.forget(link.meeting, await proofHash(proof))
      }
      throw problem
    }
  }

  private async putCard(opened: Opened, named: CardContent): Promise<void> {
    const { link, secret, proof } = opened
    const hostKey = await this.hostKeys.of(link.meeting)
    if (!hostKey) throw new Problem('not_host')
    const { card } = await this.view(opened)
    const version = (card?.version ?? 0) + 1
    const content = { ...(await contentOf(card, opened)), v: 1, ...named }
    const sealed = await seal(await cardKey(secret), cardContext(link.meeting), content)
    const signature = await signCard(hostKey, link.meeting, version, sealed)
    await this.api.putCard(link.meeting, proof, { version, sealed, signature })
  }
}
