import { afterAll, beforeAll, describe, test } from 'vitest'
import { eventually, KEEP_TRACKS } from '../live/harness/index.ts'
import { BROWSERS, House } from './stage/house.ts'
import { namesTracksInSdp } from './stage/lies.ts'
import { ONLY_OLD_SIGNALLING } from './stage/tampering.ts'
import { alerts, perceived } from './stage/seeing.ts'
let house: House
beforeAll(async () => { house = await House.open() })
afterAll(() => house.close())
describe.each(BROWSERS)('%s', (browser) => {
  test(`probe ${browser}`, async () => {
    const gustav = await house.hosts('Gustav', 'Chromium', { camera: false, microphone: false })
    house.liar.oldSignalling = true
    const hanna = await house.joins('Hanna', gustav.link, browser, { init: [KEEP_TRACKS, ONLY_OLD_SIGNALLING] })
    house.liar.oldSignalling = false
    const cap = await hanna.person.evaluate(() => (window as any).captured.map((t: any) => [t.kind, t.id, t.readyState]), null)
    const last = (k: string) => cap.filter((c: any) => c[0] === k && c[2] === 'live').at(-1)?.[1] ?? ''
    house.liar.lies.add(namesTracksInSdp(hanna.identity, { audio: last('audio'), video: last('video') }))
    const kinds: string[] = []
    house.liar.lies.add({ toBrowser(m, w) { if (w.identity === hanna.identity) kinds.push(m.message.case as string) } })
    await house.joins('Otto', gustav.link)
    await eventually('arrived', async () => (await perceived(hanna.person)).frames > 0 || (await alerts(hanna.person)) !== '').catch((e) => console.log(e))
    console.log(browser, JSON.stringify(cap), kinds.join(), await alerts(hanna.person))
    console.log(JSON.stringify(await hanna.person.evaluate(() => (window as any).spied.connections.map(({ connection }: any) => connection.getTransceivers().map((t: any) => [t.mid, t.currentDirection, t.sender.track?.kind, t.sender.track?.id, t.receiver.track.id].join(' '))), null), null, 1))
    console.log(JSON.stringify(await hanna.person.evaluate(() => (window as any).spied.sockets.map((s: any) => s.url.split('?')[0]), null)))
  })
})
