export { type ChromiumOptions, ChromiumPerson, launchChromium } from './chromium.ts'
export { buildClientIfStale } from './client.ts'
export { type FirefoxOptions, FirefoxPerson, launchFirefox } from './firefox.ts'
export * from './keyboard.ts'
export * from './media.ts'
export {
  type Browser,
  type Language,
  Person,
  type PersonOptions,
  type Request,
  type Role,
  type Scheme,
} from './person.ts'
export * from './places.ts'
export { alive, descendants, processes } from './processes.ts'
export { type Relay, startRelay } from './relay.ts'
export * from './rooms.ts'
export { freeTcpPort, freeUdpPort, Server, type ServerOptions, startServer } from './server.ts'
export * from './spies.ts'
export * from './stories.ts'
export { eventually, GivenUp, pause, stays, stopwatch } from './waiting.ts'
