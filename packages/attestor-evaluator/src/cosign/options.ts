import { aBoolean, aPositiveInteger, withMethods, type OptionTable } from '@verify-images/primitives'
import type { TransparencyLogClient } from './online-log.ts'

/** Options of `type: Cosign` that a policy cannot set. */
export interface CosignVerifierOptions {
  /**
   * Accepts `certificates` with both `cert` and `certChain` if the certificate has that chain.
   *
   * Kyverno and the default fail on every such attestor.
   */
  readonly verifyPinnedChain?: boolean | undefined
  /** Uses a pinned certificate for its key only and ignores its validity, as Kyverno does. */
  readonly acceptExpiredPinnedCertificates?: boolean | undefined
  /**
   * Ignores attestations of the requested type by other signers. Kyverno fails on the first, so anyone who can push can
   * deny.
   */
  readonly ignoreForeignAttestations?: boolean | undefined
  /** Rejects a signature that was made for another repository and copied to this one. */
  readonly requireSignedRepository?: boolean | undefined
  /**
   * Accepts any signed JSON that has the image's digest in `critical.image`, with any `critical.type`. Kyverno
   * does.
   */
  readonly acceptAnySignedPayload?: boolean | undefined
  /**
   * The largest layer of a signature or an attestation that is read, in bytes; default: 128 MiB, as in cosign. A larger
   * one leaves the outcome open.
   */
  readonly maxPayloadBytes?: number | undefined
  /** Searches for the log entries of signatures that were stored without one. */
  readonly transparencyLog?: TransparencyLogClient | undefined
}

export const cosignOptions: OptionTable<CosignVerifierOptions> = {
  verifyPinnedChain: aBoolean,
  acceptExpiredPinnedCertificates: aBoolean,
  ignoreForeignAttestations: aBoolean,
  requireSignedRepository: aBoolean,
  acceptAnySignedPayload: aBoolean,
  maxPayloadBytes: aPositiveInteger,
  transparencyLog: withMethods('a transparency log client', 'findEntry'),
}
