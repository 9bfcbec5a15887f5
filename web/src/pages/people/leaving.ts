/**
 * Holds the page that somebody is on: its links, Back, and the closing of the tab. `ask` is called in place of going,
 * with the way to go all the same. Answers with the end of it.
 */
export function holdPage(ask: (leave: () => void) => void): () => void {
  const { href, pathname } = location
  const { state } = history
  const stay = (): void => history.pushState(state, '', href)
  const ended = new AbortController()
  const watch = { capture: true, signal: ended.signal }

  // Back comes to the entry before this one, which is the same page.
  stay()
  addEventListener('beforeunload', (event) => event.preventDefault(), watch)
  addEventListener('click', (event) => onLink(event), watch)
  addEventListener('popstate', (event) => onBack(event), watch)
  return () => ended.abort()

  function onLink(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || isForElsewhere(event)) return
    event.preventDefault()
    event.stopPropagation()
    ask(() => {
      ended.abort()
      link.click()
    })
  }

  function onBack(event: Event): void {
    // The page that it leads to is not shown until it is agreed to.
    event.stopImmediatePropagation()
    const steps = location.pathname === pathname ? -2 : -1
    stay()
    ask(() => {
      ended.abort()
      history.go(steps)
    })
  }
}

/** Another tab or window: this page stays. */
function isForElsewhere(event: MouseEvent): boolean {
  return event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey
}
