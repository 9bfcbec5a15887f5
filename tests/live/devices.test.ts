/** Cameras, microphones and loudspeakers: missing, refused, taken, unplugged, changed. One can always join without. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type Browser,
  brokenDevice,
  flow,
  inCall,
  join,
  KEEP_TRACKS,
  launchChromium,
  leave,
  type Person,
  pictureIsShown,
  picturesMove,
  type Server,
  SOUND_AFTER_A_CLICK,
  soundsArrive,
  startMeeting,
  startServer,
  stays,
  total,
} from './harness/index.ts'

let server: Server
let browser: Browser
let hanna: Person
let link: string

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer(), launchChromium({ devices: 'three of each' })])
  hanna = await browser.person('Hanna')
  link = await startMeeting(hanna, server.url)
  await join(hanna)
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

let gustav: Person | undefined

/** He leaves, so that the next Gustav is the only one; of a closed page something is shown for a while. */
afterEach(async () => {
  if (await gustav?.sees('region', 'Meeting')) await leave(gustav as Person)
  await gustav?.close()
  gustav = undefined
})

async function comes(init: string[] = []): Promise<Person> {
  gustav = await browser.person('Gustav', { init })
  await gustav.open(link)
  return gustav
}

/** The last of the fake microphones is the headset: not there until it is plugged in. */
const HEADSET_UNPLUGGED = `(() => {
  const media = navigator.mediaDevices
  const enumerate = media.enumerateDevices.bind(media)
  const open = media.getUserMedia.bind(media)
  let plugged = false
  let headset
  media.enumerateDevices = async () => {
    const all = await enumerate()
    headset = all.findLast(({ kind, deviceId }) => kind === 'audioinput' && deviceId)?.deviceId
    return all.filter(({ kind, deviceId }) => plugged || kind !== 'audioinput' || deviceId !== headset)
  }
  media.getUserMedia = (wanted) => {
    if (!plugged && headset && wanted.audio?.deviceId?.exact === headset)
      return Promise.reject(new DOMException('by the test', 'NotFoundError'))
    return open(wanted)
  }
  window.plugHeadset = (now) => {
    plugged = now
    for (const track of now ? [] : window.captured)
      if (track.readyState === 'live' && track.getSettings().deviceId === headset) {
        track.stop()
        track.dispatchEvent(new Event('ended'))
      }
    media.dispatchEvent(new Event('devicechange'))
  }
})()`

declare global {
  interface Window {
    plugHeadset(plugged: boolean): void
  }
}

function optionsOf(person: Person, name: string): Promise<{ label: string; value: string; selected: boolean }[]> {
  return person.inside(
    'combobox',
    name,
    (select) =>
      [...(select as HTMLSelectElement).options].map(({ label, value, selected }) => ({ label, value, selected })),
    null,
  )
}

const none = { camera: false, microphone: false }

describe('a device that cannot be used', () => {
  test('there is none at all: Gustav is told so, and takes part without', async () => {
    const poor = await launchChromium({ devices: 'none' })
    const gustav = await poor.person('Gustav')
    await gustav.open(link)
    await gustav.click('switch', 'Camera')
    await gustav.seeText('No camera found')
    await gustav.click('switch', 'Microphone')
    await gustav.seeText('No microphone found')
    await join(gustav, none)
    await pictureIsShown(gustav, 'Hanna')
    await soundsArrive(gustav, 1)
    await hanna.seeTextIn('group', 'Gustav', 'Camera off')
    await gustav.click('button', 'Camera')
    await gustav.seeText('No camera found')
    await gustav.waitForAttribute('button', 'Camera', 'aria-pressed', 'false')
    await leave(gustav)
    await poor.close()
  })

  test('permission is refused: Gustav is told so, and takes part without', async () => {
    const strict = await launchChromium({ grant: false })
    const gustav = await strict.person('Gustav')
    await gustav.open(link)
    await gustav.click('switch', 'Camera')
    await gustav.seeText('The browser may not use the camera')
    await gustav.waitForAttribute('switch', 'Camera', 'aria-checked', 'false')
    await gustav.click('switch', 'Microphone')
    await gustav.seeText('The browser may not use the microphone')
    await join(gustav, none)
    await pictureIsShown(gustav, 'Hanna')
    await leave(gustav)
    await strict.close()
  })

  test('another program holds it: the message stands beside the control, before and in the call', async () => {
    const gustav = await comes([brokenDevice('video', 'NotReadableError')])
    await gustav.click('switch', 'Camera')
    await gustav.seeText('Another program is using the camera')
    await join(gustav, { camera: false })
    await soundsArrive(hanna, 1)
    await gustav.click('button', 'Camera')
    await gustav.seeText('Another program is using the camera')
    await gustav.waitForAttribute('button', 'Camera', 'aria-pressed', 'false')
  })

  test('it is unplugged in the call: Gustav is told, the others see him dark, and he goes on', async () => {
    const gustav = await comes([KEEP_TRACKS])
    await join(gustav)
    await pictureIsShown(hanna, 'Gustav')
    await gustav.evaluate(() => {
      for (const track of window.captured.filter((each) => each.kind === 'video' && each.readyState === 'live')) {
        track.stop()
        track.dispatchEvent(new Event('ended')) // stop() alone tells nobody, a pulled plug does
      }
    }, null)
    await gustav.seeText('No camera found')
    await gustav.waitForAttribute('button', 'Camera', 'aria-pressed', 'false')
    await hanna.seeTextIn('group', 'Gustav', 'Camera off')
    await soundsArrive(hanna, 1)
    await gustav.click('button', 'Camera')
    await pictureIsShown(hanna, 'Gustav')
  })
})

test('before joining nothing is asked for or switched on by itself', async () => {
  const gustav = await comes([KEEP_TRACKS])
  await gustav.see('switch', 'Camera')
  for (const name of ['Camera', 'Microphone'])
    expect(await gustav.attribute('switch', name, 'aria-checked')).toBe('false')
  await join(gustav, none)
  expect(await gustav.evaluate(() => window.captured.length, null)).toBe(0)
})

test('another camera is chosen in the call: the picture goes on from it', async () => {
  const gustav = await comes([KEEP_TRACKS])
  await join(gustav)
  await pictureIsShown(hanna, 'Gustav')
  await gustav.click('button', 'More')
  await gustav.click('menuitem', 'Devices')
  const options = await optionsOf(gustav, 'Camera device')
  expect(options.length).toBeGreaterThanOrEqual(2)
  const other = options.findLast((option) => !option.selected) // Chromium's second fake camera has depths, no colours
  await gustav.select('Camera device', other?.value ?? '')
  await gustav.waitFor('the other camera is used', () =>
    gustav.evaluate(
      (id) => window.captured.some((each) => each.readyState === 'live' && each.getSettings().deviceId === id),
      other?.value,
    ),
  )
  await pictureIsShown(hanna, 'Gustav')
  await gustav.waitForAttribute('button', 'Camera', 'aria-pressed', 'true')
})

test('a headset plugged in is offered, chosen, and its unplugging leads back to the built-in microphone', async () => {
  const gustav = await comes([KEEP_TRACKS, HEADSET_UNPLUGGED])
  await join(gustav)
  await gustav.click('button', 'More')
  await gustav.click('menuitem', 'Devices')
  const offered = () => optionsOf(gustav, 'Microphone device')
  const used = () =>
    gustav.evaluate(() => {
      const live = window.captured.filter((each) => each.kind === 'audio' && each.readyState === 'live')
      return live.map((each) => each.getSettings().deviceId)
    }, null)
  const [builtIn] = await used()
  const before = await offered()

  await gustav.evaluate(() => window.plugHeadset(true), null)
  const headset = await gustav.waitFor('the headset is offered', async () =>
    (await offered()).find(({ value }) => !before.some((known) => known.value === value)),
  )
  expect(await used()).toEqual([builtIn])
  await gustav.select('Microphone device', headset.value)
  await gustav.waitFor('the headset is used', async () => (await used()).join() === headset.value)
  await soundsArrive(hanna, 1)

  await gustav.evaluate(() => window.plugHeadset(false), null)
  await gustav.waitFor('the built-in one is used again', async () => (await used()).join() === builtIn)
  await soundsArrive(hanna, 1)
  await gustav.waitForAttribute('button', 'Microphone', 'aria-pressed', 'true')
})

test('incoming video can be stopped to spare the line: no more of it comes, the sound goes on', async () => {
  const gustav = await comes()
  await join(gustav)
  await picturesMove(gustav, 1)
  await gustav.click('button', 'More')
  await gustav.click('menuitemcheckbox', 'Stop incoming video')
  const video = async () => total((await flow(gustav)).inbound, 'video', 'bytes')
  let bytes = -1
  await gustav.waitFor(
    'no more video comes',
    async () => {
      const now = await video()
      const still = now === bytes
      bytes = now
      return still
    },
    { within: 10_000 },
  )
  bytes = await video()
  await stays('no more video comes', async () => (await video()) - bytes < 2_000, 2_000)
  await soundsArrive(gustav, 1)
  await gustav.click('button', 'More')
  await gustav.click('menuitemcheckbox', 'Stop incoming video')
  await pictureIsShown(gustav, 'Hanna')
})

test('where the browser blocks sound, one button turns it on', async () => {
  const gustav = await comes([SOUND_AFTER_A_CLICK])
  await join(gustav, none)
  expect(await gustav.sees('button', 'Turn on sound')).toBe(false)
  await gustav.reload()
  await inCall(gustav)
  await gustav.click('button', 'Turn on sound')
  await gustav.gone('button', 'Turn on sound')
  await soundsArrive(gustav, 1)
})
