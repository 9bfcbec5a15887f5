// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listen } from './keys'

let done: string[]
let stop: () => void

beforeEach(() => {
  done = []
  document.body.innerHTML = '<section tabindex="-1"></section><button></button><input>'
  stop = listen(window, {
    toggleMicrophone: () => done.push('microphone'),
    toggleCamera: () => done.push('camera'),
    talk: (on) => done.push(on ? 'open' : 'closed'),
  })
})
afterEach(() => stop())

function press(key: string, at: string, more: KeyboardEventInit = {}, type = 'keydown'): boolean {
  const event = new KeyboardEvent(type, { key, bubbles: true, cancelable: true, ...more })
  return !document.querySelector(at)?.dispatchEvent(event)
}

describe('keys in the call', () => {
  it('switch microphone and camera from anywhere, and keep the browser from its own meaning', () => {
    expect(press('d', 'input', { ctrlKey: true })).toBe(true)
    expect(press('E', 'section', { metaKey: true })).toBe(true)
    expect(done).toEqual(['microphone', 'camera'])
  })

  it('are never bare letters', () => {
    expect(press('d', 'section')).toBe(false)
    expect(press('e', 'section', { ctrlKey: true, shiftKey: true })).toBe(false)
    expect(done).toEqual([])
  })

  it('let Gustav talk while he holds Space, once however long the key repeats', () => {
    press(' ', 'section')
    press(' ', 'section', { repeat: true })
    press(' ', 'section', {}, 'keyup')
    expect(done).toEqual(['open', 'closed'])
  })

  it('leave Space to the control that has the focus', () => {
    expect(press(' ', 'button')).toBe(false)
    expect(press(' ', 'input')).toBe(false)
    expect(done).toEqual([])
  })

  it('close the microphone when the window loses the focus or the call ends while the key is down', () => {
    press(' ', 'section')
    window.dispatchEvent(new Event('blur'))
    press(' ', 'section')
    stop()
    expect(done).toEqual(['open', 'closed', 'open', 'closed'])
  })
})
