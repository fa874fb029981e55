import { CheckError } from '@verify-images/primitives'

/**
 * Returns the error for a statement that cannot be read, by a signer who is the required one.
 *
 * A malformed statement of another signer is skipped. One by the required signer may be the one that says no, whatever
 * keeps us from reading it, so it leaves the outcome open. A statement about another image is read, and says nothing.
 */
export function unreadableStatement(error: unknown): unknown {
  if (!(error instanceof CheckError) || error.code !== 'ATTESTOR_PAYLOAD_INVALID') return error
  return new CheckError(
    'ATTESTOR_STATEMENT_UNREADABLE',
    `a statement by the required signer cannot be read: ${error.message}`,
    { ...error.details, cause: error },
  )
}
