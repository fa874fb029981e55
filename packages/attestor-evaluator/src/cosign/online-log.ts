import { CheckError, messageOf } from '@verify-images/primitives'

/** Searches a transparency log for the entry of a signature that was stored without one. */
export interface TransparencyLogClient {
  /**
   * Returns the entry as the JSON text of cosign's annotation `dev.sigstore.cosign/bundle`; undefined if the log has
   * none. The entry is verified like a stored one.
   */
  findEntry(query: LogQuery, signal: AbortSignal): Promise<string | undefined>
}

export interface LogQuery {
  readonly url: string
  readonly payload: Uint8Array
  /** The base64 text of the signature's annotation; empty for attestations. */
  readonly signature: string
  /** The key or certificate of the signer in DER. */
  readonly signer: { readonly kind: 'certificate' | 'key'; readonly der: Uint8Array }
}

/**
 * Returns the entry that a log client finds.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_MISSING, ATTESTOR_SOURCE_UNAVAILABLE when the client fails
 */
export async function findLogEntry(
  client: TransparencyLogClient | undefined,
  query: LogQuery,
  signal: AbortSignal,
): Promise<string> {
  if (client === undefined) {
    throw new CheckError(
      'ATTESTOR_LOG_ENTRY_MISSING',
      'the signature has no entry of a transparency log, and `transparencyLog` is not configured to search for one',
    )
  }
  let entry: string | undefined
  try {
    entry = await client.findEntry(query, signal)
  } catch (error) {
    signal.throwIfAborted()
    const problem = messageOf(error, 'the log client failed')
    throw new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', `searching the transparency log failed: ${problem}`, {
      detail: { kind: 'attestor-log-search-failed', problem },
      cause: error,
    })
  }
  if (entry !== undefined) return entry
  throw new CheckError('ATTESTOR_LOG_ENTRY_MISSING', 'the transparency log has no entry for the signature', {
    detail: { kind: 'attestor-not-in-log' },
  })
}
