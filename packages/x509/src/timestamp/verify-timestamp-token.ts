import { createHash } from 'node:crypto'
import { equalBytes, hashInSlices } from '@verify-images/primitives'
import { searchChain } from '../build-chain.ts'
import type { CertificateChain } from '../build-chain.ts'
import type { Certificate } from '../certificate.ts'
import { CertificateError } from '../certificate-error.ts'
import { TAG } from '../der/tag.ts'
import { readOid } from '../der/values.ts'
import { runInSlices, runToEnd, type Steps, type Work } from '../steps.ts'
import { verifySignatureBytes } from '../verify-signature-bytes.ts'
import { parseTimestampToken } from './parse-timestamp-token.ts'
import type { TimestampToken } from './parse-timestamp-token.ts'
import type { SignerId } from './signer-info.ts'
import { namesSigner } from './signing-certificate.ts'
import type { MessageDigest } from './timestamp-info.ts'

/** A trusted timestamp authority and the window in which it is trusted. */
export interface TimestampAuthority {
  /** If given, the signer must be exactly this certificate. */
  readonly leaf?: Certificate
  readonly intermediates: readonly Certificate[]
  readonly roots: readonly Certificate[]
  /** Both ends belong to the window. */
  readonly validFrom?: Date
  readonly validUntil?: Date
}

export interface TimestampRequest {
  /** A TimeStampResp or a bare token. */
  readonly token: Uint8Array
  /** The timestamped bytes, or their digest. */
  readonly timestamped: Uint8Array | MessageDigest
  readonly authorities: readonly TimestampAuthority[]
}

export interface VerifiedTimestamp {
  readonly time: Date
  readonly accuracyMs?: number
  readonly serialNumber: bigint
  readonly policy: string
  readonly signer: Certificate
  readonly chain: CertificateChain
  /** The authority that issued it. */
  readonly authority: TimestampAuthority
}

/**
 * Verifies that one of the authorities timestamped exactly these bytes, and returns when.
 *
 * The signer's chain must be valid at that time and lead to a root of the same authority whose window covers it: a
 * retired authority cannot use the window of another. timeStamping must be the signer's only extended key usage.
 *
 * @throws CertificateError CERTIFICATE_TIMESTAMP_MISMATCH for other bytes; CERTIFICATE_TIMESTAMP_INVALID,
 *   CERTIFICATE_SIGNATURE_INVALID,
 * CERTIFICATE_UNTRUSTED, CERTIFICATE_EXPIRED, CERTIFICATE_USAGE_MISMATCH and those of parseTimestampToken and
 * buildChain
 * @see RFC 3161, 2.4.2; RFC 5652, 5.4 and 5.6
 */
export function verifyTimestampToken(request: TimestampRequest): VerifiedTimestamp {
  return runToEnd(verifySteps(parseTimestampToken(request.token), request))
}

/**
 * Does the same as {@link verifyTimestampToken} and lets the event loop turn between signatures.
 *
 * @throws CertificateError as {@link verifyTimestampToken}; CheckError ATTESTOR_BUDGET_EXCEEDED; the reason of an
 *   aborted
 *   signal
 */
export async function verifyTimestampTokenInSlices(request: TimestampRequest, work: Work): Promise<VerifiedTimestamp> {
  const token = parseTimestampToken(request.token)
  const { hash } = token.imprint
  // An attestation is timestamped as a whole, which may be large.
  const timestamped =
    request.timestamped instanceof Uint8Array
      ? { hash, digest: await hashInSlices(hash, request.timestamped, work.signal) }
      : request.timestamped
  return runInSlices(verifySteps(token, { ...request, timestamped }), work)
}

function* verifySteps(token: TimestampToken, { timestamped, authorities }: TimestampRequest): Steps<VerifiedTimestamp> {
  checkImprint(token.imprint, timestamped)
  checkSignedAttributes(token)

  let firstFailure: CertificateError | undefined
  for (const authority of authorities) {
    try {
      const signer = findSigner(token, authority)
      const chain = yield* verifyByAuthority(token, signer, authority)
      const { genTime: time, accuracyMs, serialNumber, policy } = token
      return {
        time,
        ...(accuracyMs === undefined ? {} : { accuracyMs }),
        serialNumber,
        policy,
        signer,
        chain,
        authority,
      }
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      firstFailure ??= error
    }
  }
  throw (
    firstFailure ??
    new CertificateError('CERTIFICATE_UNTRUSTED', 'timestamp: expected at least one trusted timestamp authority')
  )
}

function checkImprint(imprint: MessageDigest, timestamped: Uint8Array | MessageDigest): void {
  const expected =
    timestamped instanceof Uint8Array
      ? { hash: imprint.hash, digest: createHash(imprint.hash).update(timestamped).digest() }
      : timestamped
  if (expected.hash !== imprint.hash || !equalBytes(expected.digest, imprint.digest))
    throw new CertificateError('CERTIFICATE_TIMESTAMP_MISMATCH', 'timestamp: the message imprint is of other bytes')
}

const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'

function checkSignedAttributes({ signer, content }: TimestampToken): void {
  const type = signer.attributes.get(CONTENT_TYPE)
  if (type?.tag !== TAG.OBJECT_IDENTIFIER || readOid(type) !== TST_INFO)
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      'timestamp: expected the signed attribute content type to be TSTInfo',
    )
  const digest = signer.attributes.get(MESSAGE_DIGEST)
  const expected = createHash(signer.digestHash).update(content).digest()
  if (digest?.tag !== TAG.OCTET_STRING || !equalBytes(digest.content, expected))
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      'timestamp: the signed message digest is not that of its content',
    )
}

function findSigner(token: TimestampToken, authority: TimestampAuthority): Certificate {
  const candidates = authority.leaf ? [authority.leaf] : token.certificates
  const signer = candidates.find(
    (certificate) => isIdentifiedBy(certificate, token.signer.id) && namesSigner(token.signer, certificate),
  )
  if (!signer)
    throw new CertificateError(
      'CERTIFICATE_UNTRUSTED',
      'timestamp: the signing certificate is neither in the token nor the certificate of the authority',
    )
  return signer
}

function isIdentifiedBy(certificate: Certificate, id: SignerId): boolean {
  return id.kind === 'key-id'
    ? certificate.subjectKeyId !== undefined && equalBytes(certificate.subjectKeyId, id.keyId)
    : certificate.serialNumber === id.serialNumber && equalBytes(certificate.issuer.raw, id.issuer)
}

function* verifyByAuthority(
  token: TimestampToken,
  signer: Certificate,
  authority: TimestampAuthority,
): Steps<CertificateChain> {
  const { genTime } = token
  for (const bound of [authority.validFrom, authority.validUntil]) {
    if (bound && Number.isNaN(bound.getTime()))
      throw new CertificateError(
        'CERTIFICATE_OPTIONS_INVALID',
        '`validFrom` and `validUntil` of a timestamp authority must be valid Dates',
      )
  }
  if (
    (authority.validFrom && genTime < authority.validFrom) ||
    (authority.validUntil && genTime > authority.validUntil)
  ) {
    throw new CertificateError(
      'CERTIFICATE_EXPIRED',
      `timestamp: ${genTime.toISOString()} is outside of the window in which its authority is trusted`,
    )
  }
  yield 'signatures'
  if (
    !verifySignatureBytes(signer.publicKey, token.signer.algorithm, token.signer.signedBytes, token.signer.signature)
  ) {
    throw new CertificateError('CERTIFICATE_SIGNATURE_INVALID', 'timestamp: signature does not verify')
  }
  return yield* searchChain({
    leaf: signer,
    intermediates: [...authority.intermediates, ...token.certificates],
    roots: authority.roots,
    at: genTime,
    usage: 'timeStamping',
  })
}
