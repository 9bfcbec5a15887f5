/** Our media worker: livekit-client's, hardened. Handlers are wrapped before the first message is delivered. */
import 'livekit-client/e2ee-worker'
import { harden, type WorkerScope } from './hardening'

const hardening = harden(globalThis as unknown as WorkerScope)
setInterval(() => hardening.report(), 1000)
