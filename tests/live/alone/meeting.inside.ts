import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import {
  join,
  joinByLink,
  launchChromium,
  launchFirefox,
  leave,
  pictureIsShown,
  soundsArrive,
  startMeeting,
  startServer,
} from '../harness/index.ts'

test('Hanna and Gustav meet on a machine without any network', async () => {
  expect(Object.keys(networkInterfaces()).filter((name) => !/^lo(:|$)/.test(name))).toEqual([])
  const [server, chromium, firefox] = await Promise.all([startServer(), launchChromium(), launchFirefox()])
  const [hanna, gustav] = [await chromium.person('Hanna'), await firefox.person('Gustav')]
  const link = await startMeeting(hanna, server.url)
  await join(hanna)
  await joinByLink(gustav, link)
  await Promise.all([pictureIsShown(hanna, 'Gustav'), pictureIsShown(gustav, 'Hanna')])
  await Promise.all([soundsArrive(hanna, 1), soundsArrive(gustav, 1)])
  await Promise.all([leave(hanna), leave(gustav)])
  await Promise.all([chromium.close(), firefox.close()])
  await server.close()
})
