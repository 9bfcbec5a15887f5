/** What keys do in the call. No bare letters (WCAG 2.1.4); Space only when no control has the focus. */
export type Doings = {
  toggleMicrophone: () => void
  toggleCamera: () => void
  /** Space went down while the microphone may be pressed open, and up again */
  talk: (on: boolean) => void
}

/** Returns the way to stop. */
export function listen(target: Window, doings: Doings): () => void {
  let talking = false

  function down(event: KeyboardEvent): void {
    if (event.defaultPrevented) return
    const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
    const key = event.key.toLowerCase()
    if (chord && (key === 'd' || key === 'e')) {
      event.preventDefault()
      if (!event.repeat) (key === 'd' ? doings.toggleMicrophone : doings.toggleCamera)()
    } else if (event.key === ' ' && !chord && !inControl(event.target)) {
      event.preventDefault()
      if (!event.repeat && !talking) talk(true)
    }
  }

  function up(event: KeyboardEvent): void {
    if (event.key === ' ' && talking) {
      event.preventDefault()
      talk(false)
    }
  }

  /** A key held while the window loses the focus is never let go here. */
  function away(): void {
    if (talking) talk(false)
  }

  function talk(on: boolean): void {
    talking = on
    doings.talk(on)
  }

  target.addEventListener('keydown', down)
  target.addEventListener('keyup', up)
  target.addEventListener('blur', away)
  return () => {
    away()
    target.removeEventListener('keydown', down)
    target.removeEventListener('keyup', up)
    target.removeEventListener('blur', away)
  }
}

const CONTROLS = 'button, a[href], input, select, textarea, summary, dialog, [role="menu"], [contenteditable="true"]'

function inControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(CONTROLS) !== null
}
