/** The real product as a stranger's command runs it, on loopback, with everything temporary. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { engineBinary, klausur, REPOSITORY, temporaryFolder } from './places.ts'
import { alive, descendants } from './processes.ts'
import { nothingLeaked } from './secrecy.ts'
import { eventually, GivenUp } from './waiting.ts'

export type Settings = Record<string, string | number>
export type ServerOptions = {
  /** names without KLAUSUR_; they win over the harness's own */
  settings?: Settings
  /** data folder; a temporary one, removed at the end, unless given */
  data?: string
}

export async function startServer({ settings = {}, data }: ServerOptions = {}): Promise<Server> {
  const own: Settings = {
    DATA: data ?? temporaryFolder('data'),
    HOST: '127.0.0.1',
    PORT: await freeTcpPort(),
    MEDIA_UDP_PORT: await freeUdpPort(),
    MEDIA_TCP_PORT: await freeTcpPort(),
    ENGINE_BINARY: engineBinary(),
    OPERATOR_NAME: 'Example House',
    OPERATOR_CONTACT: 'privacy@example.org',
    // Most of what is tried here is about meetings; who may open them has tests of its own.
    OPEN_MEETINGS: 'anyone',
  }
  const server = new Server({ ...own, ...settings }, data === undefined)
  await server.start()
  return server
}

export class Server {
  /** everything that was printed, over all starts */
  log = ''
  private child: ChildProcess | undefined

  constructor(
    readonly settings: Settings,
    private readonly temporary: boolean,
  ) {}

  get url(): string {
    return `http://localhost:${this.port}`
  }

  get port(): number {
    return Number(this.settings.PORT)
  }

  get data(): string {
    return String(this.settings.DATA)
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the server is not running')
    return this.child.pid
  }

  /** The process of the media engine, wherever it is below the server. */
  get enginePid(): number {
    return this.findEngine() ?? fail('no media engine runs below the server')
  }

  /** Runs it without waiting for anything. */
  launch(): void {
    const environment: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' }
    for (const [name, value] of Object.entries(this.settings)) environment[`KLAUSUR_${name}`] = String(value)
    const child = spawn(klausur(), ['serve'], { cwd: REPOSITORY, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (this.log += String(bytes)))
    this.child = child
    process.once('exit', () => child.kill('SIGKILL')) // a failed run leaves nothing behind
  }

  async start(): Promise<void> {
    this.launch()
    await this.ready()
  }

  async ready(within = 30_000): Promise<void> {
    await eventually(
      'the server is ready',
      async () => {
        if (this.exited) throw new GivenUp(`the server ended instead of starting; its log:\n${this.tail()}`)
        return (await fetch(`http://127.0.0.1:${this.port}/readyz`)).ok
      },
      { within },
    ).catch((error) => fail(`${error.message}\nits log:\n${this.tail()}`))
  }

  private get exited(): boolean {
    return this.child?.exitCode !== null || this.child.signalCode !== null
  }

  /** SIGTERM; it must end with status 0 within 10 s and leave no engine behind. Gives the seconds that took. */
  async stop(): Promise<number> {
    const [child, engine] = [this.child, this.findEngine()]
    if (!child || this.exited) return fail(`the server had ended before it was asked to; its log:\n${this.tail()}`)
    const start = performance.now()
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const guard = setTimeout(() => child.kill('SIGKILL'), 10_000)
    const [code, signal] = await ended
    clearTimeout(guard)
    this.child = undefined
    if (code !== 0) fail(`the server ended with ${signal ?? code} instead of 0 within 10 s; its log:\n${this.tail()}`)
    if (engine !== undefined) await eventually('the engine has ended with its server', () => !alive(engine))
    return (performance.now() - start) / 1000
  }

  /** SIGKILL, as a crash or the kernel's out-of-memory killer; the engine must not survive it. */
  async kill(): Promise<void> {
    const [child, engine] = [this.child, this.findEngine()]
    if (!child) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    this.child = undefined
    if (engine !== undefined) await eventually('the engine has ended with its killed server', () => !alive(engine))
  }

  async restart(): Promise<void> {
    if (this.child) await this.stop()
    await this.start()
  }

  killEngine(): void {
    process.kill(this.enginePid, 'SIGKILL')
  }

  /** For afterAll: stops with the assertions of `stop`, and clears up. */
  async close(): Promise<void> {
    try {
      if (this.child) await this.stop()
      nothingLeaked(this.data, this.log)
    } finally {
      if (this.temporary) rmSync(this.data, { recursive: true, force: true })
    }
  }

  tail(lines = 40): string {
    return this.log.split('\n').slice(-lines).join('\n')
  }

  private findEngine(): number | undefined {
    if (this.child?.pid === undefined) return undefined
    return descendants(this.child.pid).find((process) => process.name.startsWith('livekit-server'))?.pid
  }
}

export function freeTcpPort(): Promise<number> {
  return freePort(async (port) => {
    const probe = createServer().listen(port, '127.0.0.1')
    await once(probe, 'listening')
    await once(probe.close(), 'close')
  })
}

export function freeUdpPort(): Promise<number> {
  return freePort(async (port) => {
    const probe = createSocket('udp4')
    probe.bind(port, '127.0.0.1')
    await once(probe, 'listening')
    await once(probe.close(), 'close')
  })
}

/** Below those that the kernel gives out by itself: no browser's connection takes it before its server does. */
async function freePort(tried: (port: number) => Promise<void>): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(15_000, 32_000)
    const free = await tried(port).then(
      () => true,
      () => false,
    )
    if (free) return port
  }
  return fail('no free port')
}

function fail(sentence: string): never {
  throw new Error(sentence)
}
