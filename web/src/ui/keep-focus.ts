/**
 * An attachment: when what had the focus in here goes away, the element itself takes it, so that nobody who uses the
 * keyboard is thrown back to the top of the page. The element needs a tabindex.
 */
export function keepFocus(home: HTMLElement): () => void {
  let held: Element | null = null
  const remember = (event: FocusEvent) => {
    held = event.target as Element
  }
  const observer = new MutationObserver(() => {
    if (!held || held.isConnected) return
    held = null
    const { activeElement } = document
    if (!activeElement || activeElement === document.body) home.focus()
  })
  home.addEventListener('focusin', remember)
  observer.observe(home, { childList: true, subtree: true })
  return () => {
    home.removeEventListener('focusin', remember)
    observer.disconnect()
  }
}
