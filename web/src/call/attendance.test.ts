import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { happened, names, seconds } from './hosting.stage'
import type { CallState } from './model'
import { inCall, type Stage, settled, stage } from './session.stage'

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
)
afterEach(() => void vi.useRealTimers())

/** Hanna is inside with Gustav; both her connections stand. */
async function attending() {
  const at = await stage()
  const gustav = await at.guest('Gustav')
  at.roster = [await gustav.entry()]
  const call = at.call()
  await call.start()
  await at.welcome()
  return { at, call, gustav }
}

/** The engine is gone; the answer with the next ticket was made before what happens here. */
async function whileRenewing(at: Stage, happens: () => Promise<void>): Promise<void> {
  const answer = at.holdAnswers()
  at.engines.at(-1)?.events?.lost()
  await seconds(1)
  await happens()
  answer()
  await seconds(1)
}

describe('Hanna, whose picture and sound come back while she has heard on,', () => {
  it('still sees Yara, who came meanwhile', async () => {
    const { at, call } = await attending()
    const yara = await (await at.guest('Yara')).entry()
    await whileRenewing(at, () => at.say({ type: 'seat', ...yara }))
    expect(names(call)).toEqual(['Hanna', 'Gustav', 'Yara'])
    expect(inCall(call.state).connection).toBe('steady')
  })

  it('knows that Gustav is there again, whatever the answer of before says', async () => {
    const { at, call, gustav } = await attending()
    const entry = await gustav.entry()
    at.roster = [{ ...entry, away: true }]
    await whileRenewing(at, () => at.say({ type: 'seat', ...entry }))
    expect(inCall(call.state).people[1]).toMatchObject({ name: 'Gustav', reconnecting: false })
  })

  it('and who has left meanwhile is not back', async () => {
    const { at, call, gustav } = await attending()
    await whileRenewing(at, () => at.say({ type: 'left', pseudonym: gustav.id }))
    expect(names(call)).toEqual(['Hanna'])
  })
})

describe('Hanna, whose socket has told her nothing yet,', () => {
  it('sees whom the answer to her wish for a seat names, and loses nobody for good by an old one', async () => {
    const { at, call, gustav } = await attending()
    const yara = await (await at.guest('Yara')).entry()
    await at.say({ type: 'seat', ...yara })
    at.socket.drop(1006)
    // The roster of the answer is older than she knows; that of the next welcome is not.
    await whileRenewing(at, async () => undefined)
    at.roster = [await gustav.entry(), yara]
    await at.welcome()
    expect(names(call)).toEqual(['Hanna', 'Gustav', 'Yara'])
  })
})

function imitations(state: CallState): string[] {
  return inCall(state)
    .people.filter(({ imitates }) => imitates)
    .map(({ id }) => id)
}

describe('two people of one name', () => {
  it('are both marked when Hanna finds them there, be it that the server names one of them later than the other', async () => {
    const at = await stage()
    const [anna, mallory] = [await at.guest('Anna'), await at.guest('Anna')]
    at.roster = [await mallory.entry()]
    const call = at.call()
    await call.start()
    at.roster = [...at.roster, await anna.entry()]
    await at.welcome()
    expect(imitations(call.state)).toEqual([mallory.id, anna.id])
  })

  it('of whom she has seen one come are told apart: the later one is marked, also after a loss of the connection', async () => {
    const { at, call, gustav } = await attending()
    const mallory = await at.guest('gustav')
    await at.say({ type: 'seat', ...(await mallory.entry()) })
    expect(imitations(call.state)).toEqual([mallory.id])
    at.roster = [await mallory.entry(), await gustav.entry()]
    await at.welcome()
    expect(imitations(call.state)).toEqual([mallory.id])
  })
})

describe('somebody who does not count for a moment', () => {
  it('comes back to the same place: it is not Ada who imitates, once she has been certified', async () => {
    const { at, call } = await attending()
    await at.say({ type: 'rules', ...(await at.decree({ waitingRoom: false })) })
    const [ada, mallory] = [await at.guest('Ada'), await at.guest('ada')]
    await at.say({ type: 'seat', ...(await ada.entry(await ada.byLink())) })
    await at.say({ type: 'seat', ...(await mallory.entry()) })
    await at.say({ type: 'rules', ...(await at.decree({ waitingRoom: true })) })
    expect(names(call)).toEqual(['Hanna', 'Gustav', 'ada'])
    await at.say({ type: 'seat', ...(await ada.entry()) })
    expect(names(call)).toEqual(['Hanna', 'Gustav', 'Ada', 'ada'])
    expect(imitations(call.state)).toEqual([mallory.id])
  })
})

describe('Hanna, who renames herself at the moment her seat is lost,', () => {
  it('keeps the name for the next one', async () => {
    const at = await stage()
    await at.asGuest()
    await at.law.take(await at.decree({ waitingRoom: false }))
    const call = at.call()
    await call.start()
    await at.welcome()
    const answer = at.holdAnswers()
    at.gone = true
    await at.decree({ waitingRoom: true })
    at.socket.drop(4401)
    await seconds(1)
    answer()
    const knocked = at.holdAnswers()
    await settled()
    const renamed = call.rename('Hanna II')
    await settled()
    knocked()
    await seconds(3)
    await renamed
    expect(call.state.kind).toBe('waiting')
    at.gone = false
    await at.say({ type: 'admitted' })
    await seconds(1)
    expect(names(call)).toEqual(['Hanna II'])
    expect(happened(call)).toEqual([])
  })
})
