import { CheckError } from '@verify-images/primitives'

/** Asks a transparency log for the entry of a signature that was stored without one. */
export interface TransparencyLogClient {
  /**
   * The entry, as the JSON text that cosign keeps in the annotation `dev.sigstore.cosign/bundle`; nothing when the log
   * has none. It is verified like any other, so nothing of it is believed.
   */
  findEntry(query: LogQuery, signal: AbortSignal): Promise<string | undefined>
}

export interface LogQuery {
  readonly url: string
  readonly payload: Uint8Array
  /** Base64, as in the signature's annotation; empty for attestations. */
  readonly signature: string
  /** The key or certificate of the signer, DER. */
  readonly signer: { readonly kind: 'certificate' | 'key'; readonly der: Uint8Array }
}

/**
 * The entry a log client finds.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_MISSING, ATTESTOR_SOURCE_UNAVAILABLE when the client could not look
 */
export async function findLogEntry(
  client: TransparencyLogClient | undefined,
  query: LogQuery,
  signal: AbortSignal,
): Promise<string> {
  if (client === undefined) {
    throw new CheckError(
      'ATTESTOR_LOG_ENTRY_MISSING',
      'the signature carries no entry of a transparency log, and no log is searched',
    )
  }
  let entry: string | undefined
  try {
    entry = await client.findEntry(query, signal)
  } catch (error) {
    signal.throwIfAborted()
    const told = error instanceof Error ? error.message : 'the log client failed'
    throw new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', `the transparency log could not be asked: ${told}`, {
      detail: { kind: 'attestor-log-search-failed', problem: told },
      cause: error,
    })
  }
  if (entry !== undefined) return entry
  throw new CheckError('ATTESTOR_LOG_ENTRY_MISSING', 'the transparency log has no entry of the signature', {
    detail: { kind: 'attestor-not-in-log' },
  })
}
