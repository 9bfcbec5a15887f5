/** What happens to the page itself, as far as the call must know. */
export type PageLife = {
  /** the page is being left or reloaded; nothing after this is sure to run */
  onHide(listener: () => void): () => void
  /** the network or the page came back: a good moment to try again */
  onWake(listener: () => void): () => void
}

export function browserPage(): PageLife {
  return {
    onHide: (listener) => listen(window, 'pagehide', listener),
    onWake(listener) {
      const stops = [
        listen(window, 'online', listener),
        listen(window, 'pageshow', listener),
        listen(document, 'visibilitychange', () => {
          if (document.visibilityState === 'visible') listener()
        }),
      ]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

function listen(target: EventTarget, event: string, listener: () => void): () => void {
  target.addEventListener(event, listener)
  return () => target.removeEventListener(event, listener)
}
