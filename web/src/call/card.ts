import type { SealedCard } from '../api/types'
import { cardContext, cardKey, type MeetingSecret, open } from './keys'
import { cleanName } from './names'

type Of = { secret: MeetingSecret; link: { meeting: string } }

/** The title on a card, cleaned; `undefined` for a card that does not open: it decides nothing. */
export async function titleOf(card: SealedCard | null, { secret, link }: Of): Promise<string | undefined> {
  if (!card) return undefined
  try {
    const { title } = (await open(await cardKey(secret), cardContext(link.meeting), card.sealed)) as { title?: unknown }
    return typeof title === 'string' ? cleanName(title) : undefined
  } catch {
    return undefined
  }
}

/** The title during a call: an older card than one that was seen does not come back, whoever sends it. */
export class Title {
  private version = 0

  constructor(
    private readonly of: Of,
    public text: string,
    private readonly changed: () => void,
  ) {}

  async read(card: SealedCard | null): Promise<void> {
    const title = await titleOf(card, this.of)
    if (!card || title === undefined || !(card.version > this.version)) return
    this.version = card.version
    this.text = title
    this.changed()
  }
}
