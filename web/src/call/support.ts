/** What encryption needs of a browser, as far as it can be asked without starting anything. */
export type Scope = {
  isSecureContext?: boolean
  crypto?: Pick<Crypto, 'getRandomValues'> & { subtle?: Pick<SubtleCrypto, 'generateKey' | 'importKey'> }
  Worker?: unknown
  WebSocket?: unknown
  RTCPeerConnection?: unknown
  RTCRtpScriptTransform?: unknown
  RTCRtpSender?: { prototype: object }
}

/**
 * Whether this browser can take part. Module workers cannot be asked for without starting one: whether ours starts is
 * found out by starting it, before any seat is taken.
 */
export async function canEncrypt(scope: Scope = globalThis as unknown as Scope): Promise<boolean> {
  return Boolean(
    scope.isSecureContext &&
      scope.Worker &&
      scope.WebSocket &&
      scope.RTCPeerConnection &&
      transformsFrames(scope) &&
      (await knowsAlgorithms(scope)),
  )
}

/** The two mechanisms: script transforms (Firefox, Safari) and encoded streams (Chromium). */
function transformsFrames(scope: Scope): boolean {
  return Boolean(
    scope.RTCRtpScriptTransform || (scope.RTCRtpSender && 'createEncodedStreams' in scope.RTCRtpSender.prototype),
  )
}

async function knowsAlgorithms(scope: Scope): Promise<boolean> {
  try {
    const subtle = scope.crypto?.subtle
    if (!subtle) return false
    await Promise.all([
      subtle.generateKey('Ed25519', false, ['sign', 'verify']),
      subtle.importKey('raw', new Uint8Array(32), 'HKDF', false, ['deriveKey']),
    ])
    return true
  } catch {
    return false
  }
}
