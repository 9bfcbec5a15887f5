/**
 * Makes keys of one password, and is ended. It runs Argon2id as WebAssembly, which the page itself may not: only this
 * script's answer carries `'wasm-unsafe-eval'`.
 */
import { deriveKeys } from './derivation'
import type { PasswordDone, PasswordTask } from './password-keys'

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<PasswordTask>) => void
  postMessage(done: PasswordDone): void
}

scope.onmessage = ({ data }) => {
  deriveKeys(data.password, data.kdf).then(
    (keys) => scope.postMessage(keys),
    () => scope.postMessage({ failed: true }),
  )
}
