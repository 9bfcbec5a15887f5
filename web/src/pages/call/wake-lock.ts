/** Keeps the screen awake while the page is visible, where the browser can. Returns the way to stop. */
export function stayAwake(): () => void {
  let over = false
  let lock: WakeLockSentinel | undefined

  async function hold(): Promise<void> {
    if (over || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      if (over) void lock.release()
    } catch {
      // refused, for example on a low battery: the screen may go dark, the call goes on
    }
  }

  // The browser takes the lock away whenever the page is hidden.
  const visible = () => void hold()
  document.addEventListener('visibilitychange', visible)
  void hold()
  return () => {
    over = true
    document.removeEventListener('visibilitychange', visible)
    void lock?.release()
  }
}
