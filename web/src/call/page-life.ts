/** What happens to the page itself, for the call; a wake lock keeps the screen on while it lasts. */
export type PageLife = {
  /** the page is being left or reloaded; nothing after this is sure to run */
  onHide(listener: () => void): () => void
  /** the network or the page came back: a good moment to try again */
  onWake(listener: () => void): () => void
  keepAwake(): () => void
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
    keepAwake,
  }
}

/** The browser takes the lock away whenever the page is hidden. */
function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined
  let wanted = true
  const take = async (): Promise<void> => {
    if (document.visibilityState !== 'visible') return
    const taken = await navigator.wakeLock?.request('screen').catch(() => undefined)
    if (wanted) lock = taken
    else await taken?.release()
  }
  void take()
  const stop = listen(document, 'visibilitychange', () => void take())
  return () => {
    wanted = false
    stop()
    void lock?.release()
  }
}

function listen(target: EventTarget, event: string, listener: () => void): () => void {
  target.addEventListener(event, listener)
  return () => target.removeEventListener(event, listener)
}
