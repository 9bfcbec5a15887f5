import type { Call, PictureOf } from '../../call/model'
import type { Tile } from './tiles'

/** The picture worth seeing in the small window: what is on the stage, else who spoke last, else anybody's. Never one's own. */
export function pictureFor(
  tiles: readonly Tile[],
  speakers: readonly string[],
  stage: string | undefined,
): PictureOf | undefined {
  const shown = tiles.filter(({ of, source }) => !of.me && !of.blocked && (source === 'screen' || of.camera))
  const staged = shown.find(({ key }) => key === stage)
  const speaking = speakers.flatMap((id) => shown.filter(({ key }) => key === id))
  const best = staged ?? shown.find(({ source }) => source === 'screen') ?? speaking[0] ?? shown[0]
  return best && { person: best.person, source: best.source }
}

export const canPictureInPicture = (): boolean => document.pictureInPictureEnabled === true

/** Keeps one `video` element for the small window; the picture in it changes, the window stays. */
export class PictureInPicture {
  active = $state(false)
  private element: HTMLVideoElement | undefined

  constructor(private readonly call: Call) {}

  /** For the element that is in the document while `active`. */
  hold = (element: HTMLVideoElement): (() => void) => {
    this.element = element
    element.addEventListener('leavepictureinpicture', () => this.end())
    element.addEventListener('loadedmetadata', () => this.open(element), { once: true })
    return () => {
      this.element = undefined
    }
  }

  show(picture: PictureOf | undefined): (() => void) | undefined {
    return this.element && picture ? this.call.show(picture, this.element) : undefined
  }

  toggle(): void {
    if (this.active && document.pictureInPictureElement) void document.exitPictureInPicture().catch(() => undefined)
    this.active = !this.active
  }

  private open(element: HTMLVideoElement): void {
    // The click that began this still counts, unless the picture took more than some seconds to come.
    element.requestPictureInPicture().catch(() => this.end())
  }

  private end(): void {
    this.active = false
  }
}
