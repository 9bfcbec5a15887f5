import type { SealedCard } from '../api/types'
import { cardContext, cardKey, type MeetingSecret, open } from './keys'
import { cleanName } from './names'

type Of = { secret: MeetingSecret; link: { meeting: string } }

/** `plan`: when it is, of a planned meeting; whoever shows it reads it by `readTimes`. Later versions may bring more. */
export type CardContent = { title?: unknown; plan?: unknown }

/** Empty for a card that does not open: it decides nothing. */
export async function contentOf(card: SealedCard | null, { secret, link }: Of): Promise<CardContent> {
  try {
    const content = card && (await open(await cardKey(secret), cardContext(link.meeting), card.sealed))
    return Object(content) as CardContent
  } catch {
    return {}
  }
}

/** Cleaned. */
export function titleIn({ title }: CardContent): string | undefined {
  return typeof title === 'string' ? cleanName(title) : undefined
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
    const title = titleIn(await contentOf(card, this.of))
    if (!card || title === undefined || !(card.version > this.version)) return
    this.version = card.version
    this.text = title
    this.changed()
  }
}
