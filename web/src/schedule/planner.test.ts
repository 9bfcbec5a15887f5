import { describe, expect, it } from 'vitest'
import { HostKeys } from '../call/host-keys'
import { Meetings, openLink } from '../call/meetings'
import { readRules } from '../call/rules'
import { pathOf } from '../link'
import { ScheduleApi } from './api'
import { type Draft, isReplaced, linkOf, type PlannedMeeting, Planner, PlanTrouble, Stranded } from './planner'
import { ServerOnStage, VaultOnStage } from './schedule.stage'

const WEEKLY: Draft = {
  title: 'Board\r\nmeeting',
  times: { start: '2026-11-30T10:00', zone: 'Europe/Berlin', minutes: 60, rule: 'FREQ=WEEKLY;COUNT=4;BYDAY=MO' },
  waitingRoom: true,
  guests: true,
}
const ONCE: Draft = { ...WEEKLY, times: { start: '2026-11-30T10:00', zone: 'Europe/Berlin', minutes: 60 } }

/** Hanna at one of her devices. */
function device(server: ServerOnStage, vault: VaultOnStage) {
  const api = new ScheduleApi(server.fetch)
  const hostKeys = new HostKeys(undefined)
  const planner = new Planner(api, hostKeys, vault, () => server.now)
  return { planner, hostKeys, meetings: new Meetings(api, hostKeys) }
}

function scene() {
  const server = new ServerOnStage()
  const vault = new VaultOnStage()
  return { server, vault, ...device(server, vault) }
}

/** What somebody with the link sees. */
async function seen(server: ServerOnStage, held: PlannedMeeting) {
  const meetings = new Meetings(new ScheduleApi(server.fetch), new HostKeys(undefined))
  return meetings.look(await openLink(linkOf(held)))
}

describe('Hanna plans a meeting', () => {
  it('and server, card and vault know of it what each should', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan({ ...WEEKLY, guests: false })
    expect(server.theMeeting()).toMatchObject({
      guests: false,
      opens_at: '2026-11-30T08:00:00Z',
      closes_at: '2027-01-20T10:00:00Z',
      rules: null,
    })
    expect(JSON.stringify([...server.meetings.values()])).not.toContain('Board')
    expect(await seen(server, held)).toMatchObject({ title: 'Board meeting', plan: WEEKLY.times, host: false })
    expect(vault.content.meetings).toEqual([held])
    expect(held.plan).toMatchObject({ ...WEEKLY.times, sequence: 0, waitingRoom: true, guests: false })
    expect(held.plan.uid).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('without a waiting room, which she signs', async () => {
    const { server, planner } = scene()
    const held = await planner.plan({ ...ONCE, waitingRoom: false })
    const { rules, host_public_key } = server.theMeeting()
    expect(await readRules(rules, held.meeting, host_public_key)).toMatchObject({ waitingRoom: false })
  })

  it('and is its host on her other device too', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const phone = device(server, vault)
    expect(await phone.meetings.hostKey(await openLink(linkOf(held)))).toBeUndefined()
    expect(await phone.planner.start((await phone.planner.all())[0] as PlannedMeeting)).toBe(pathOf(linkOf(held)))
    expect((await phone.meetings.look(await openLink(linkOf(held)))).host).toBe(true)
  })

  it.each([
    ['over', { ...ONCE, times: { ...ONCE.times, start: '2026-11-22T09:00' } }],
    ['too-far', { ...ONCE, times: { ...ONCE.times, start: '2028-11-22T09:00' } }],
    ['no-date', { ...ONCE, times: { ...ONCE.times, rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' } }],
  ])('but none that is %s', async (kind, draft) => {
    const { server, planner } = scene()
    await expect(planner.plan(draft)).rejects.toMatchObject({ kind })
    expect(server.asked).toEqual([])
  })
})

describe('When something fails while she plans', () => {
  it.each(['POST meeting', 'GET meeting', 'PUT card', 'PUT rules'])('%s: nothing is left anywhere', async (what) => {
    const { server, vault, planner } = scene()
    server.failing = [what]
    await expect(planner.plan({ ...ONCE, waitingRoom: false })).rejects.toMatchObject({ code: 'unreachable' })
    expect(server.meetings.size).toBe(0)
    expect(vault.content.meetings).toEqual([])
  })

  it('the vault: the meeting is cancelled again', async () => {
    const { server, vault, planner } = scene()
    vault.failing = 1
    await expect(planner.plan(ONCE)).rejects.toThrow('the vault cannot be written')
    expect(server.meetings.size).toBe(0)
  })

  it('only the vault’s answer: it is planned', async () => {
    const { server, vault, planner } = scene()
    vault.losing = 1
    const held = await planner.plan(ONCE)
    expect(server.theMeeting().meeting).toBe(held.meeting)
    expect(vault.content.meetings).toEqual([held])
  })

  it('and cancelling too, she is given the link: nobody else has it', async () => {
    const { server, vault, planner } = scene()
    vault.failing = 1
    server.failing = ['DELETE meeting', 'DELETE meeting']
    const error = await planner.plan(ONCE).catch((thrown: unknown) => thrown)
    if (!(error instanceof Stranded)) throw error
    const link = { ...error.link }
    expect(link.meeting).toBe(server.theMeeting().meeting)
    const gustav = new Meetings(new ScheduleApi(server.fetch), new HostKeys(undefined))
    expect(await gustav.look(await openLink(link))).toMatchObject({ title: 'Board meeting' })
  })

  it('only the answer to the cancellation: nothing is left, and nobody is alarmed', async () => {
    const { server, vault, planner } = scene()
    vault.failing = 1
    server.losing = ['DELETE meeting']
    await expect(planner.plan(ONCE)).rejects.toThrow('the vault cannot be written')
    expect(server.meetings.size).toBe(0)
  })
})

describe('Hanna changes a meeting', () => {
  const LATER = { ...ONCE.times, start: '2026-12-02T14:30' }

  it('to another time: one entry for every calendar, one number higher', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(WEEKLY)
    const changed = await planner.change(held, { ...WEEKLY, title: 'Budget', times: LATER })
    expect(server.theMeeting()).toMatchObject({
      opens_at: '2026-12-02T12:30:00Z',
      closes_at: '2026-12-03T14:30:00Z',
      times_version: 1,
    })
    expect(await seen(server, held)).toMatchObject({ title: 'Budget', plan: LATER })
    expect(changed.plan).toMatchObject({ ...LATER, uid: held.plan.uid, sequence: 1 })
    expect(changed.plan.rule).toBeUndefined()
    expect(vault.content.meetings).toMatchObject([{ title: 'Budget', plan: { start: LATER.start, sequence: 1 } }])
    expect(vault.content.meetings[0]?.plan).not.toHaveProperty('rule')
  })

  it('and nothing is sent that has not changed', async () => {
    const { server, planner } = scene()
    const held = await planner.plan(ONCE)
    server.asked.length = 0
    const same = await planner.change(held, ONCE)
    expect(server.asked).toEqual([])
    expect(same.plan.sequence).toBe(0)
    const open = await planner.change(same, { ...ONCE, waitingRoom: false })
    expect(server.asked).toEqual(['GET meeting', 'PUT rules'])
    expect(open.plan).toMatchObject({ waitingRoom: false, sequence: 0 })
  })

  it('from a device that does not know of the change on the other', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const phone = device(server, vault).planner
    await planner.change(held, { ...ONCE, times: LATER })
    const changed = await phone.change(held, { ...ONCE, times: { ...LATER, minutes: 30 } })
    expect(changed.plan).toMatchObject({ minutes: 30, sequence: 2 })
    expect(server.theMeeting().times_version).toBe(2)
  })

  it('from a page of this morning, and takes nothing back that her phone has changed since', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const moved = await device(server, vault).planner.change(held, { ...ONCE, times: LATER, waitingRoom: false })
    server.asked.length = 0
    const changed = await planner.change(held, { ...ONCE, title: 'Budget' })
    expect(server.asked).not.toContain('PUT times')
    expect(server.asked).not.toContain('PUT rules')
    expect(await seen(server, held)).toMatchObject({ title: 'Budget', plan: LATER })
    expect(changed).toMatchObject({ title: 'Budget', plan: { ...moved.plan, sequence: 2 } })
    expect(vault.content.meetings).toEqual([changed])
    const { opensAt, closesAt } = changed.plan
    expect(server.theMeeting()).toMatchObject({ opens_at: opensAt, closes_at: closesAt })
  })

  it('from such a page another part of the times, and both parts count', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(WEEKLY)
    const wednesday = { ...WEEKLY.times, start: '2026-12-02T10:00', rule: 'FREQ=WEEKLY;COUNT=4;BYDAY=WE' }
    await device(server, vault).planner.change(held, { ...WEEKLY, times: wednesday })
    const typed = { ...WEEKLY.times, start: '2026-11-30T15:00', minutes: 30 }
    const changed = await planner.change(held, { ...WEEKLY, times: typed })
    const both = { ...wednesday, start: '2026-12-02T15:00', minutes: 30 }
    expect(changed.plan).toMatchObject(both)
    expect(await seen(server, held)).toMatchObject({ plan: both })
    expect(server.theMeeting().opens_at).toBe(changed.plan.opensAt)
  })

  it('in the very moment in which another device prolongs it, which stays', async () => {
    const { vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const longer = { ...held, plan: { ...held.plan, closesAt: '2027-06-01T10:00:00Z' } }
    vault.meanwhile = (content) => ({ ...content, meetings: [longer] })
    const changed = await planner.change(held, { ...ONCE, title: 'Budget' })
    expect(changed).toMatchObject({ title: 'Budget', plan: { closesAt: longer.plan.closesAt } })
  })

  it('that the other device has cancelled, and is told', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    await device(server, vault).planner.cancel(held)
    await expect(planner.change(held, { ...ONCE, times: LATER })).rejects.toEqual(new PlanTrouble('gone'))
    await expect(planner.change(held, ONCE)).rejects.toEqual(new PlanTrouble('gone'))
    expect(vault.content.meetings).toEqual([])
  })

  it('and when the vault fails, saving again completes it', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    vault.failing = 1
    const draft = { ...ONCE, times: LATER }
    await expect(planner.change(held, draft)).rejects.toThrow('the vault cannot be written')
    expect(vault.content.meetings).toEqual([held])
    expect((await planner.change(held, draft)).plan).toMatchObject(LATER)
    expect(server.theMeeting().times_version).toBe(2)
  })
})

describe('Hanna makes a new link', () => {
  it('and the old one leads nowhere, while calendars keep their entry', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan({ ...WEEKLY, guests: false, waitingRoom: false })
    const { fresh, left } = await planner.newLink(held)
    expect(left).toBeUndefined()
    expect([fresh.meeting, fresh.secret, fresh.host, fresh.seed]).not.toContain(held.meeting)
    expect(fresh.secret).not.toBe(held.secret)
    expect(fresh.seed).not.toBe(held.seed)
    expect(fresh.plan).toMatchObject({ ...WEEKLY.times, uid: held.plan.uid, sequence: 1, guests: false })
    expect(server.theMeeting()).toMatchObject({ meeting: fresh.meeting, guests: false })
    expect(vault.content.meetings).toEqual([fresh])
    await expect(seen(server, held)).rejects.toMatchObject({ code: 'no_meeting' })
    expect(await seen(server, fresh)).toMatchObject({ title: 'Board meeting', plan: WEEKLY.times })
  })

  it('and when the old one cannot be voided, both stay in the vault', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    server.failing = ['DELETE meeting']
    const { fresh, left } = await planner.newLink(held)
    expect(left).toBe('link')
    expect(vault.content.meetings).toEqual([held, fresh])
    expect(server.meetings.size).toBe(2)
    expect([isReplaced(held, [held, fresh]), isReplaced(fresh, [held, fresh])]).toEqual([true, false])
    expect(await planner.cancel(held)).toBe(false)
    expect(await planner.cancel(fresh)).toBe(true)
  })

  it('and when only the vault keeps the old one, that is what she is told', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const change = vault.change.bind(vault)
    let changes = 0
    vault.change = async (edit) => {
      changes += 1
      if (changes > 1) throw new Error('the vault cannot be written')
      return change(edit)
    }
    const { fresh, left } = await planner.newLink(held)
    expect(left).toBe('entry')
    expect(server.theMeeting().meeting).toBe(fresh.meeting)
    expect(vault.content.meetings).toEqual([held, fresh])
  })

  it('from a page that does not know of the newest times, and it has them', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const times = { ...ONCE.times, start: '2026-12-02T14:30' }
    await device(server, vault).planner.change(held, { ...ONCE, title: 'Budget', times })
    const { fresh } = await planner.newLink(held)
    expect(fresh).toMatchObject({ title: 'Budget', plan: { ...times, sequence: 2 } })
    expect(await seen(server, fresh)).toMatchObject({ title: 'Budget', plan: times })
    expect(server.theMeeting().opens_at).toBe(fresh.plan.opensAt)
  })

  it('of one that another device has cancelled: none is made', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    await device(server, vault).planner.cancel(held)
    await expect(planner.newLink(held)).rejects.toEqual(new PlanTrouble('gone'))
    expect(server.meetings.size).toBe(0)
  })

  it('and when the vault fails, the old one stays what it was', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    vault.failing = 1
    await expect(planner.newLink(held)).rejects.toThrow('the vault cannot be written')
    expect(server.theMeeting().meeting).toBe(held.meeting)
    expect(vault.content.meetings).toEqual([held])
  })
})

describe('Hanna cancels a meeting', () => {
  it('for good', async () => {
    const { server, vault, planner, hostKeys } = scene()
    const held = await planner.plan(ONCE)
    await planner.cancel(held)
    expect(server.meetings.size).toBe(0)
    expect(vault.content.meetings).toEqual([])
    expect(await hostKeys.of(held.meeting)).toBeUndefined()
  })

  it('though the vault’s answer is lost', async () => {
    const { vault, planner } = scene()
    const held = await planner.plan(ONCE)
    vault.losing = 1
    expect(await planner.cancel(held)).toBe(true)
    expect(vault.content.meetings).toEqual([])
  })

  it('also when it was cancelled already', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    server.meetings.clear()
    await planner.cancel(held)
    expect(vault.content.meetings).toEqual([])
  })

  it('and it stays where it was when the server is out of reach', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    server.failing = ['DELETE meeting']
    await expect(planner.cancel(held)).rejects.toMatchObject({ code: 'unreachable' })
    expect(vault.content.meetings).toEqual([held])
    expect(server.theMeeting().meeting).toBe(held.meeting)
  })

  it('while another device plans one, and loses neither', async () => {
    const { vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const other = { ...held, meeting: 'another' }
    vault.meanwhile = (content) => ({ ...content, meetings: [...content.meetings, other] })
    await planner.cancel(held)
    expect(vault.content.meetings).toEqual([other])
  })
})

describe('Meetings that are over', () => {
  it('leave by themselves', async () => {
    const { server, vault, planner } = scene()
    await planner.plan(ONCE)
    const kept = await planner.plan(WEEKLY)
    server.now += 10 * 86_400_000
    expect(await planner.tidy()).toEqual([kept])
    expect(vault.content.meetings).toEqual([kept])
  })

  it('stay while only this clock says so, or only the server', async () => {
    const { server, vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const wrong = new Planner(new ScheduleApi(server.fetch), new HostKeys(undefined), vault, () => Date.UTC(2040, 0))
    expect(await wrong.tidy()).toEqual([held])
    server.meetings.clear()
    expect(await planner.tidy()).toEqual([held])
    server.failing = ['GET meeting']
    expect(await wrong.tidy()).toEqual([held])
  })

  it('and a series without end does not end: its owner looks, and it is kept longer', async () => {
    const { server, planner } = scene()
    const endless = { ...WEEKLY, times: { ...WEEKLY.times, rule: 'FREQ=WEEKLY;BYDAY=MO' } }
    const held = await planner.plan(endless)
    server.now += 100 * 86_400_000
    server.failing = ['PUT times']
    expect(await planner.tidy()).toEqual([held])
    const [renewed] = await planner.tidy()
    expect(Date.parse(renewed?.plan?.closesAt ?? '') - Date.parse(held.plan.closesAt)).toBe(100 * 86_400_000)
    expect(renewed?.plan).toMatchObject({ sequence: 0, opensAt: held.plan.opensAt })
    expect(server.theMeeting()).toMatchObject({ closes_at: renewed?.plan?.closesAt, times_version: 1 })
  })

  it('and one that a later version has planned is left alone', async () => {
    const { vault, planner } = scene()
    const held = await planner.plan(ONCE)
    const strange = { ...held, plan: { ...held.plan, zone: 'Mars/Olympus', rule: 'FREQ=NEVER' } }
    vault.content = { v: 1, meetings: [strange] }
    expect(await planner.tidy()).toEqual([strange])
    expect(await planner.find(held.meeting)).toBeUndefined()
  })
})
