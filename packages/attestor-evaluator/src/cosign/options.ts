import { aBoolean, withMethods, type OptionTable } from '@verify-images/primitives'
import type { TransparencyLogClient } from './online-log.ts'

/** What departs from the defaults of the cosign verifier; each name says what it does. */
export interface CosignVerifierOptions {
  /**
   * Verifies `certificates` that give both `cert` and `certChain`: the pinned certificate must have that chain.
   *
   * Kyverno fails on every such attestor, whatever was signed, so the default does too.
   */
  readonly verifyPinnedChain?: boolean | undefined
  /** Takes a pinned certificate for its key only: its validity counts for nothing, as in Kyverno. */
  readonly acceptExpiredPinnedCertificates?: boolean | undefined
  /** Ignores attestations of the wanted type by other signers. Kyverno fails on the first, so anyone who can push can deny. */
  readonly ignoreForeignAttestations?: boolean | undefined
  /** Refuses a signature that was made for another repository and copied to this one. */
  readonly requireSignedRepository?: boolean | undefined
  /**
   * Accepts any signed JSON that has the image's digest where an image signature has it, whatever `critical.type` says it
   * is. Kyverno does.
   */
  readonly acceptAnySignedPayload?: boolean | undefined
  /** Finds log entries that a signature does not bring along. Without it such a signature has none. */
  readonly transparencyLog?: TransparencyLogClient | undefined
}

export const cosignOptions: OptionTable<CosignVerifierOptions> = {
  verifyPinnedChain: aBoolean,
  acceptExpiredPinnedCertificates: aBoolean,
  ignoreForeignAttestations: aBoolean,
  requireSignedRepository: aBoolean,
  acceptAnySignedPayload: aBoolean,
  transparencyLog: withMethods('a transparency log client', 'findEntry'),
}
