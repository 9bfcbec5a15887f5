/** The server says of encrypted tracks that they are not, or seats somebody else on a person's chair. */
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest'
import { eventually, KEEP_TRACKS, leave, type Person, picturesMove, soundsArrive } from '../live/harness/index.ts'
import { BROWSERS, House, type Participant } from './stage/house.ts'
import {
  type Change,
  callsMe,
  encrypted,
  encryptedWithoutCodec,
  Memory,
  namesTracksInSdp,
  saysMyTracksAreInClear,
  saysOfOthersTracks,
  seats,
  unencrypted,
} from './stage/lies.ts'
import {
  alerts,
  isAlarmed,
  isBlocked,
  perceived,
  receivesNothingInClear,
  receivesOnlySealed,
  seesAndHearsNothing,
  seesAndHearsNothingMore,
} from './stage/seeing.ts'
import { ONLY_OLD_SIGNALLING } from './stage/tampering.ts'

let house: House

beforeAll(async () => {
  house = await House.open()
})
afterEach(() => house.clear())
afterAll(() => house.close())

describe.each(BROWSERS)('%s', (browser) => {
  test(`a track called unencrypted from the start is neither shown nor heard in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    house.liar.lies.add(saysOfOthersTracks(hanna.identity, unencrypted))
    await house.joins('Gustav', hanna.link)

    await isAlarmed(hanna.person, 'What Gustav sends is not encrypted')
    await isBlocked(hanna.person)
    await seesAndHearsNothing(hanna.person)
  })

  test(`a track called unencrypted in the middle of the call is taken away in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    const told = new Memory(hanna.identity)
    house.liar.lies.add(told)
    const gustav = await house.joins('Gustav', hanna.link)
    await picturesMove(hanna.person, 1)
    await soundsArrive(hanna.person, 1)

    house.liar.wireOf(hanna.identity).say(told.update(gustav.identity, unencrypted))

    await isAlarmed(hanna.person, 'What Gustav sends is not encrypted')
    await isBlocked(hanna.person)
    await seesAndHearsNothingMore(hanna.person)
  })

  test(`a stranger in clear on Gustav's chair is neither shown nor heard in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    const gustav = await house.joins('Gustav', hanna.link, 'Chromium', { camera: false, microphone: false })
    await aStrangerTakesTheChair(hanna, gustav, unencrypted)

    await isAlarmed(hanna.person, 'Gustav')
    await isBlocked(hanna.person)
    await seesAndHearsNothing(hanna.person)
  })

  test(`a stranger in clear whom the server calls encrypted is neither shown nor heard in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    const gustav = await house.joins('Gustav', hanna.link, 'Chromium', { camera: false, microphone: false })
    await aStrangerTakesTheChair(hanna, gustav, encrypted)

    await isAlarmed(hanna.person, 'What Gustav sends cannot be decrypted')
    await isBlocked(hanna.person)
    await seesAndHearsNothing(hanna.person)
  })

  test(`a track without a codec's name gets past no decryption in ${browser}`, async () => {
    const hanna = await house.hosts('Hanna', browser)
    const gustav = await house.joins('Gustav', hanna.link, 'Chromium', { camera: false, microphone: false })
    await aStrangerTakesTheChair(hanna, gustav, encryptedWithoutCodec)

    await isAlarmed(hanna.person, 'Gustav')
    await seesAndHearsNothing(hanna.person)
  })

  test(`being given another's name by the server sends nothing in clear from ${browser}`, async () => {
    const { gustav, listener } = await gustavAndAKeylessListener()
    house.liar.lies.add(callsMe('A'.repeat(22), gustav.identity))
    await house.tries('Hanna', gustav.link, browser)

    await receivesNothingInClear(listener)
  })

  test(`one's own tracks called unencrypted leave ${browser} sending nothing in clear`, async () => {
    const { gustav, listener } = await gustavAndAKeylessListener()
    house.liar.lies.add(saysMyTracksAreInClear)
    await house.tries('Hanna', gustav.link, browser)

    await receivesNothingInClear(listener)
  })

  test(`a remote track that bears the name of one's own camera leaves ${browser} sending nothing in clear`, async () => {
    const { gustav, listener } = await gustavAndAKeylessListener()
    house.liar.oldSignalling = true
    const hanna = await house.joins('Hanna', gustav.link, browser, { init: [KEEP_TRACKS, ONLY_OLD_SIGNALLING] })
    house.liar.oldSignalling = false
    await receivesOnlySealed(listener)
    const own = await capturedTracks(hanna.person)
    house.liar.lies.add(namesTracksInSdp(hanna.identity, own))
    const otto = await house.joins('Otto', gustav.link)
    await isAlarmedOrSees(hanna.person)
    // Firefox gives remote tracks names of its own, whatever the SDP says.
    if (browser === 'Chromium') await remoteTracksBear(hanna.person, own)
    await leave(otto.person)
    await hanna.person.gone('group', 'Otto')

    await receivesNothingInClear(listener)
    await receivesOnlySealed(listener)
  })
})

/** The stranger sends picture and sound in clear, and Hanna is told that this is Gustav. */
async function aStrangerTakesTheChair(hanna: Participant, gustav: Participant, change: Change): Promise<void> {
  house.liar.lies.add(seats('stranger', gustav.identity, hanna.identity, change))
  await (await house.outsiders).publisher(hanna.room, 'stranger')
}

/** Gustav shows and says nothing, so whatever the listener receives is another's. */
async function gustavAndAKeylessListener() {
  const gustav = await house.hosts('Gustav', 'Chromium', { camera: false, microphone: false })
  const listener = await (await house.outsiders).listener(gustav.room, 'keyless')
  return { gustav, listener }
}

/** Names of the camera's and the microphone's track, as the server knows them from the SDP. */
function capturedTracks(person: Person): Promise<{ audio: string; video: string }> {
  return person.evaluate(() => {
    const { captured } = window as unknown as { captured: MediaStreamTrack[] }
    const latest = (kind: string) =>
      captured.filter((track) => track.kind === kind && track.readyState === 'live').at(-1)
    return { audio: latest('audio')?.id ?? '', video: latest('video')?.id ?? '' }
  }, null)
}

/** Or else the lie has not come to anything, and the story shows nothing. */
async function remoteTracksBear(person: Person, names: { audio: string; video: string }): Promise<void> {
  const received = () =>
    person.evaluate(
      () =>
        window.spied.connections.flatMap(({ connection }) =>
          connection.getReceivers().map(({ track }) => `${track.kind} ${track.id}`),
        ),
      null,
    )
  await eventually('remote tracks bear the names of own ones', async () => {
    const tracks = await received()
    return tracks.includes(`audio ${names.audio}`) && tracks.includes(`video ${names.video}`)
  })
}

async function isAlarmedOrSees(person: Person): Promise<void> {
  await eventually(
    'the lie has arrived',
    async () => (await perceived(person)).frames > 0 || (await alerts(person)) !== '',
  )
}
