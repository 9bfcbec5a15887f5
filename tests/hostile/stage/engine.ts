/** A real, unmodified media engine of our own: the test knows its key and so can play its owner. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { engineBinary } from '../../live/harness/places.ts'
import { freeTcpPort, freeUdpPort } from '../../live/harness/server.ts'
import { eventually } from '../../live/harness/waiting.ts'

export type EngineKey = { key: string; secret: string }

export class RealEngine {
  readonly key: EngineKey = { key: `test${randomBytes(4).toString('hex')}`, secret: randomBytes(32).toString('hex') }
  private said = ''

  private constructor(
    readonly port: number,
    private readonly mediaPort: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  static async start(): Promise<RealEngine> {
    const engine = new RealEngine(await freeTcpPort(), await freeUdpPort())
    await engine.run()
    return engine
  }

  private child?: ChildProcess

  private async run(): Promise<void> {
    const child = spawn(engineBinary(), [], {
      env: { LIVEKIT_CONFIG: this.config() },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    const listen = (chunk: Buffer) => {
      this.said = (this.said + chunk.toString()).slice(-4000)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    await eventually('the engine answers', async () => (await fetch(this.url)).ok).catch((error) => {
      throw new Error(`${error.message}\n${this.said}`)
    })
  }

  /** Loopback only, and one STUN entry nobody listens on: without any, LiveKit asks Google's and Twilio's. */
  private config(): string {
    return JSON.stringify({
      port: this.port,
      bind_addresses: ['127.0.0.1'],
      keys: { [this.key.key]: this.key.secret },
      rtc: {
        node_ip: '127.0.0.1',
        use_external_ip: false,
        enable_loopback_candidate: true,
        interfaces: { includes: ['lo'] },
        udp_port: this.mediaPort,
        tcp_port: 0,
        stun_servers: ['127.0.0.1:3478'],
      },
      room: {
        auto_create: false,
        enabled_codecs: ['audio/opus', 'video/VP8', 'video/VP9', 'video/H264', 'video/rtx'].map((mime) => ({ mime })),
      },
      logging: { level: 'warn', pion_level: 'error' },
    })
  }

  /** SIGKILL: asked politely, LiveKit waits for ever for its participants to leave. */
  async stop(): Promise<void> {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}
