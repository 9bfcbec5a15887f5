/** The page of the proof in a real browser against the real server: what Ada and Bert find, say, accept and take back. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { invites, setupLinkOf, withPasskeys } from './harness/accounts.ts'
import type { ChromiumPerson } from './harness/chromium.ts'
import { type Browser, klausur, launchChromium, REPOSITORY, type Server, startServer } from './harness/index.ts'

/** Somebody's task, and something that nobody has declared yet. */
const ROW = 'DSK-O-2.1-02'
const CSS_ROW = ROW.replaceAll('.', '\\.')
const TITLE = 'Sufficient capacity for running the system oneself'

let server: Server
let browser: Browser
let ada: ChromiumPerson
let bert: ChromiumPerson

beforeAll(async () => {
  ;[server, browser] = await Promise.all([startServer({ settings: { OPEN_MEETINGS: 'accounts' } }), launchChromium()])
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** As an operator types it, of one row, because all take minutes. `exits`: 1 where something is not met, 2 not verified. */
function checks(exits: number): void {
  const environment = Object.entries(server.settings).map(([name, value]) => [`KLAUSUR_${name}`, String(value)])
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...Object.fromEntries(environment) }
  expect(
    statusOf(() => execFileSync(klausur(), ['check', '--only', ROW], { cwd: REPOSITORY, env, stdio: 'pipe' })),
  ).toBe(exits)
}

function statusOf(run: () => void): number {
  try {
    run()
    return 0
  } catch (error) {
    return (error as { status: number }).status
  }
}

async function arrives(name: string, link: string): Promise<ChromiumPerson> {
  const person = (await browser.person(name)) as ChromiumPerson
  await withPasskeys(person, true)
  await person.open(link)
  await person.fill('Sign-in name', name.toLowerCase())
  await person.click('button', 'Create a passkey')
  await person.see('heading', 'Vault recovery key')
  await person.click('button', 'I have stored it')
  await person.see('button', 'Start a meeting')
  return person
}

/** The line of the row, which unfolds it. */
async function unfolds(person: ChromiumPerson): Promise<void> {
  await person.page.locator(`li#${CSS_ROW} summary`).first().click()
  await person.seeText('What has to hold')
}

/** Not as in front of a meeting: what is said here is kept with the name of who said it. */
async function signs(person: ChromiumPerson, name: string): Promise<void> {
  await person.page.getByRole('textbox', { name: 'Your name' }).fill(name)
}

async function verdictIs(person: ChromiumPerson, verdict: string): Promise<void> {
  await person.waitFor(`${person.name} reads that the row is ${verdict}`, async () => {
    const line = await person.page.locator(`li#${CSS_ROW} summary .verdict-of`).first().innerText()
    return line.trim() === verdict
  })
}

test('before anybody has checked, nothing is claimed', async () => {
  ada = await arrives('Ada', setupLinkOf(server))
  await ada.click('link', 'How this is proven')
  await ada.see('heading', 'How this is proven')
  await ada.seeText('Nobody has checked yet')
})

test('Ada finds the row that was checked, by its words and by its verdict, and looks at the evidence', async () => {
  checks(1)
  await ada.reload()
  await ada.see('heading', 'Checklist')
  await ada.page.getByRole('searchbox', { name: 'Search' }).fill('sufficient CAPACITY')
  await ada.seeText('1 of 191 rows')
  await ada.click('button', 'Filters')
  await ada.select('Verdict', 'met')
  await ada.seeText('No row is like that.')
  await ada.select('Verdict', 'not met')
  await ada.seeText('1 of 191 rows')
  await verdictIs(ada, 'not met')
  await unfolds(ada)
  await ada.seeText('Not answered yet: Who runs the system, who stands in?')
  await ada.click('button', `Raw evidence of ${ROW}.a, facts.complete`)
  await ada.seeText('operators_named')
})

test('Ada answers the question that only people can answer', async () => {
  await ada.click('button', 'Show everything')
  await ada.page
    .getByRole('region', { name: 'Tasks for people' })
    .getByText('management', { exact: false })
    .first()
    .click()
  await ada.click('button', `Answer ${ROW}.b`)
  await ada.see('dialog', 'Answer for this')
  await ada.click('button', 'Attest')
  await ada.seeText('Choose yes or no.')
  await ada.page.getByRole('radio', { name: 'Yes' }).check()
  await ada.fill('What you know, and from where', 'Two people are trained; seen in the plan of duties.')
  await signs(ada, 'Ada Lovelace')
  await ada.click('button', 'Attest')
  await ada.seeText('Your answer is recorded.')
  await ada.seeText('Yes, says Ada Lovelace')
})

test('Ada proposes a deviation, and cannot approve it herself', async () => {
  await ada.click('button', `Propose a deviation: ${ROW}`)
  await ada.fill('Reason', 'The posts are being filled.')
  await ada.fill('What risk remains', 'Nobody stands in during holidays.')
  await ada.fill('What makes up for it', 'A contract with the manufacturer.')
  await signs(ada, 'Ada Lovelace')
  await ada.click('button', 'Propose')
  await ada.seeText('The deviation is proposed. Somebody else has to approve it.')
  await verdictIs(ada, 'not met')
  await ada.click('button', `Approve as second person: ${ROW}.a`)
  await signs(ada, 'Somebody Else')
  await ada.click('button', 'Approve')
  await ada.seeText('Somebody with another account has to approve it.')
  await ada.click('button', 'Cancel')
  await verdictIs(ada, 'not met')
})

test('Bert approves it: the row says so, and is not called met', async () => {
  bert = await arrives('Bert', await invites(ada, server, 'administrator'))
  await bert.click('link', 'How this is proven')
  await bert.see('heading', 'Checklist')
  await unfolds(bert)
  await bert.click('button', `Approve as second person: ${ROW}.a`)
  await signs(bert, 'Bert Brecht')
  await bert.click('button', 'Approve')
  await bert.seeText('The deviation is approved.')
  await verdictIs(bert, 'deviation accepted')
})

test('Bert withdraws it, and the row is what it was', async () => {
  await bert.click('button', `Withdraw the deviation: ${ROW}.a`)
  await bert.see('dialog', 'Withdraw this deviation?')
  await bert.click('button', 'Withdraw')
  await bert.seeText('The deviation is withdrawn.')
  await verdictIs(bert, 'not met')
})

test('what Bert declares is looked at at once, and the next run tells what changed', async () => {
  await bert.open(`${server.url}/admin`)
  await bert.see('heading', 'Facts')
  const question = 'Who runs the system, who stands in?'
  for (let group = 0; !(await bert.sees('textbox', question)); group += 1) {
    expect(group).toBeLessThan(12)
    await bert.page.getByRole('region', { name: 'Facts' }).getByRole('button', { name: 'Next' }).click()
  }
  await bert.fill(question, 'The IT department, two people')
  await bert.click('button', `Save: ${question}`)
  await bert.seeText('Saved.')
  await bert.click('link', 'How this is proven')
  await bert.see('heading', 'Checklist')
  await unfolds(bert)
  await bert.seeText('The fact is there.')
  // For want of advisories to compare with, one of three things that have to hold stays unseen.
  await verdictIs(bert, 'not verified')
  checks(2)
  await bert.reload()
  await bert.seeTextIn('region', 'Runs', 'One verdict changed')
})

test('on paper stands every row with all that it unfolds to', async () => {
  // What the browser would ask, nobody could answer here.
  await ada.page.evaluate(() => Object.assign(window, { print: () => undefined }))
  await ada.click('button', 'Print')
  await ada.waitFor('every row is unfolded', () =>
    ada.page.evaluate(() => document.querySelectorAll('#checklist li > details:not([open])').length === 0),
  )
  const paper = await ada.page.pdf({ format: 'A4' })
  expect(paper.byteLength).toBeGreaterThan(200_000)
})

test('who passes by reads the summary, and no row', async () => {
  const otto = await browser.person('Otto')
  await otto.open(`${server.url}/proof`)
  await otto.see('heading', 'The last run')
  expect(await otto.text()).not.toContain(TITLE)
  await otto.close()
})

test('a run that Ada begins from the page is under way for everybody, and is broken off with the server', async () => {
  await ada.reload()
  await ada.click('button', 'Run now')
  await ada.seeText('A run is under way.')
  await ada.waitFor('the run has begun', async () => {
    await ada.reload()
    await ada.see('heading', 'Runs')
    return (await ada.textOf('region', 'Runs')).includes('under way, or broken off')
  })
  await bert.reload()
  await bert.seeText('A run is under way.')
  await server.restart()
  await ada.reload()
  await ada.seeTextIn('region', 'Runs', 'under way, or broken off')
  expect(await ada.text()).not.toContain('A run is under way.')
  await verdictIs(ada, 'not verified')
})
