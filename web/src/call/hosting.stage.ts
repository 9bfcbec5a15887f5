import { vi } from 'vitest'
import { ActBook } from './acts'
import type { Guest } from './guest.stage'
import { actsKey } from './keys'
import { type Rules, readRules } from './rules'
import { inCall, type Stage, settled, stage } from './session.stage'

/** Hanna hosts; Carla and Gustav are inside, let in by her. */
export async function hosting() {
  const at = await stage()
  const [carla, gustav] = [await at.guest('Carla'), await at.guest('Gustav')]
  at.roster = [await carla.entry(), await gustav.entry()]
  const call = at.call()
  await call.start()
  await at.welcome()
  return { at, call, carla, gustav }
}

export const names = (call: { state: unknown }) => inCall(call.state as never).people.map(({ name }) => name)
export const happened = (call: { state: unknown }) => inCall(call.state as never).happenings.map(({ what }) => what)
export const ofType = (at: Stage, type: string) =>
  at.sockets.flatMap(({ sent }) => sent).filter((it) => it.type === type)

export async function ruled(at: Stage): Promise<Rules | undefined> {
  return readRules(at.rules, at.opened.link.meeting, at.publicKey)
}

export async function law(at: Stage) {
  const rules = (await ruled(at)) ?? at.law.rules
  return { hostKey: at.publicKey, secret: at.opened.secret, rules, serverNow: at.serverNow() }
}

/** What the others make of Hanna's acts. */
export async function acts(at: Stage) {
  const body = at.requests.find(({ path }) => path === 'seats')?.body
  const book = new ActBook(at.opened.link.meeting, at.session, await actsKey(at.opened.secret, at.session))
  const taken = ofType(at, 'act').map((act) => book.take({ ...act, from: body?.pseudonym }, String(body?.key)))
  return (await Promise.all(taken)).map((act) => act && [act.op, act.target])
}

/** The server passes on what the host has certified. */
export async function passOn(at: Stage, ...guests: Guest[]): Promise<void> {
  for (const guest of guests) {
    const said = ofType(at, 'certify').find((it) => 'pseudonym' in it && it.pseudonym === guest.id)
    if (said?.type === 'certify')
      await at.say({ type: 'seat', ...(await guest.entry({ certificate: said.certificate })) })
  }
}

/** Comes in by the link, while the waiting room is off. */
export async function byLink(at: Stage, name: string): Promise<Guest> {
  const guest = await at.guest(name)
  await at.say({ type: 'seat', ...(await guest.entry(await guest.byLink())) })
  return guest
}

/** The server tells the newest rules to everybody inside. */
export async function tellRules(at: Stage): Promise<void> {
  if (at.rules) await at.say({ type: 'rules', ...at.rules })
}

export async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    await vi.advanceTimersByTimeAsync(1000)
    await settled()
  }
}

export const certified = (at: Stage) => ofType(at, 'certify').map((it) => 'pseudonym' in it && it.pseudonym)
