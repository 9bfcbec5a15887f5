import { getLogger, LoggerNames, LogLevel } from 'livekit-client'

/** livekit-client says nothing on the console. Its own `setLogLevel` would write so into the browser's storage, where
 * nothing of ours lies that outlives a tab; what an earlier version wrote there is taken away. */
export function silence(): void {
  for (const name of Object.values(LoggerNames)) {
    const logger = getLogger(name)
    logger.resetLevel()
    logger.setDefaultLevel(LogLevel.silent)
  }
}
