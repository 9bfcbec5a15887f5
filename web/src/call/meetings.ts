import type { Api } from '../api/client'
import { Problem, type ProblemCode } from '../api/problems'
import type { MeetingView } from '../api/types'
import type { MeetingLink } from '../link'
import { titleOf } from './card'
import type { HostKeys } from './host-keys'
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
import { cleanName } from './names'

const OVER: readonly ProblemCode[] = ['no_meeting', 'meeting_ended']

/** What the page before joining knows of a meeting. */
export type Look = {
  state: MeetingView['state']
  /** id of the current opening, or of the next one */
  session: string
  /** cleaned; empty when there is none or it cannot be opened */
  title: string
  cardVersion: number
  /** whether this browser holds the host key */
  host: boolean
}

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

  /** A new instant meeting, its secrets made here. */
  async start(): Promise<MeetingLink> {
    const secretText = newSecret()
    const [secret, pair] = await Promise.all([importSecret(secretText), newHostKey()])
    const publicKey = await publicKeyOf(pair)
    const hash = await proofHash(await linkProof(secret))
    const { meeting } = await this.api.openMeeting({ host_public_key: publicKey, link_proof_hash: hash })
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
    return {
      state: view.state,
      session: view.session,
      title: (await titleOf(view.card, opened)) ?? '',
      cardVersion: view.card?.version ?? 0,
      host: (await this.hostKeys.of(link.meeting)) !== undefined,
    }
  }

  /** Only with the host key. Tries again once when somebody else (another tab of the host) was faster. */
  async setTitle(opened: Opened, title: string): Promise<void> {
    try {
      await this.putTitle(opened, title)
    } catch (problem) {
      if (!(problem instanceof Problem && problem.code === 'card_outdated')) throw problem
      await this.putTitle(opened, title)
    }
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

  private async putTitle(opened: Opened, title: string): Promise<void> {
    const { link, secret, proof } = opened
    const hostKey = await this.hostKeys.of(link.meeting)
    if (!hostKey) throw new Problem('not_host')
    const { card } = await this.view(opened)
    const version = (card?.version ?? 0) + 1
    const sealed = await seal(await cardKey(secret), cardContext(link.meeting), { v: 1, title: cleanName(title) })
    const signature = await signCard(hostKey, link.meeting, version, sealed)
    await this.api.putCard(link.meeting, proof, { version, sealed, signature })
  }
}
