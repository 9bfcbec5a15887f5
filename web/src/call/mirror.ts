import type { Source } from './model'

/** One's own pictures where they are shown, without a detour through the engine; they follow the track behind them. */
export class Mirror {
  private readonly elements = new Map<HTMLVideoElement, Source>()

  constructor(private readonly trackOf: (source: Source) => MediaStreamTrack | undefined) {}

  show(source: Source, element: HTMLVideoElement): () => void {
    this.elements.set(element, source)
    this.refresh()
    return () => {
      this.elements.delete(element)
      element.srcObject = null
    }
  }

  refresh(): void {
    for (const [element, source] of this.elements) {
      const [wanted, shown] = [this.trackOf(source), shownBy(element)]
      if (wanted !== shown) element.srcObject = wanted ? new MediaStream([wanted]) : null
    }
  }
}

function shownBy(element: HTMLVideoElement): MediaStreamTrack | undefined {
  return (element.srcObject as MediaStream | null)?.getVideoTracks()[0]
}
