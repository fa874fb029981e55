declare class VerifiedMark {
  private readonly verified: true
}

/**
 * A value whose signature, signer and subject have been verified.
 *
 * Only {@link markVerified} makes one. A copy with another member (`{ ...value, member }`) is not verified: the mark is
 * a private member, and a spread drops it.
 */
export type Verified<Value> = Value & VerifiedMark

/**
 * Marks a value as verified. Called in one place per signature format: by its verifier, after the last check.
 */
export function markVerified<Value>(value: Value): Verified<Value> {
  return value as Verified<Value>
}
