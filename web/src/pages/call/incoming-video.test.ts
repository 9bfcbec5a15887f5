// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Person } from '../../call/model'
import { somebody } from '../../call/model.stage'
import { eventually, House, LINK } from '../pages.stage'

let house: House

beforeEach(() => {
  sessionStorage.clear()
  // There is no layout here, and what has no size is not shown.
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1280)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(800)
  house = new House()
  house.held = { name: 'Hanna', chosen: {}, incomingVideo: true }
})
afterEach(() => house.close())

function person(name: string, more: Partial<Person> = {}): Person {
  return somebody(name, { microphone: true, camera: true, ...more })
}

async function tile(label: string): Promise<HTMLElement> {
  return eventually(() => {
    const found = document.querySelector<HTMLElement>(`[role=group][aria-label="${label}"]`)
    if (!found) throw new Error(`no tile ${label}`)
    return found
  })
}

function seen(at: HTMLElement): { picture: boolean; face: string | undefined; words: string } {
  return {
    picture: at.querySelector('video') !== null,
    face: at.querySelector('.face')?.textContent ?? undefined,
    words: at.textContent ?? '',
  }
}

it('Hanna stops incoming video: the others’ places say so, and her own picture stays', async () => {
  house.inside = [person('Hanna', { me: true }), person('Gustav', { screen: true }), person('Mira', { camera: false })]
  house.enter(LINK)
  const own = await tile('Hanna (you)')
  const [gustav, screen, mira] = [await tile('Gustav'), await tile("Gustav's screen"), await tile('Mira')]
  expect(seen(gustav)).toMatchObject({ picture: true, face: undefined })

  await house.calls[0]?.setIncomingVideo(false)
  for (const stopped of [gustav, screen]) {
    expect(seen(stopped)).toMatchObject({ picture: false, face: 'G' })
    expect(seen(stopped).words).toContain('Incoming video stopped')
    expect(seen(stopped).words).not.toContain('Camera off')
  }
  expect(seen(mira).words).toContain('Camera off')
  expect(seen(mira).words).not.toContain('Incoming video stopped')
  expect(seen(own).picture).toBe(true)

  await house.calls[0]?.setIncomingVideo(true)
  expect(seen(gustav)).toMatchObject({ picture: true, face: undefined })
  expect(seen(gustav).words).not.toContain('Incoming video stopped')
})
