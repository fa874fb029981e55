import {
  CheckError,
  type Digest,
  joined,
  type Message,
  type PayloadReader,
  preAuthenticationParts,
} from '@verify-images/primitives'
import type { Certificate, HashName, PublicKey, Work } from '@verify-images/x509'
import type { Evidence } from '../outcome.ts'
import type { Statement } from '../signature-verifier.ts'
import { verifySigningCertificate } from '../sigstore/verify-certificate.ts'
import { verifyScts } from '../sigstore/verify-sct.ts'
import type { LoggedSignature } from '../sigstore/log-entry.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import type { Bundle, BundleContent, BundleMaterial } from './parse-bundle.ts'
import { establishTimes } from './bundle-times.ts'
import { verifyBundleLog } from './bundle-log.ts'
import { type RememberedSignatures, verifyBundleSignature } from './bundle-signature.ts'
import { readStatement, requireStatementType } from './statement.ts'

/** The key of a policy, and how it signs. */
export interface BundleKey {
  readonly publicKey: PublicKey
  readonly hash: HashName
  /** Accepts Ed25519ph beside Ed25519: cosign 3 writes it, Kyverno refuses it. */
  readonly acceptPrehashed: boolean
}

/** What the verification of a bundle depends on, apart from the identity of the signer. */
export interface BundleVerification {
  readonly digest: Digest
  /** The bytes of the image's manifest; needed for message signatures only. */
  readonly artifact?: Uint8Array
  readonly trust: TrustMaterial
  /** The key of the signer; without one a certificate is expected. */
  readonly key?: BundleKey
  /** How many transparency logs must have the signature; 0 where the log is ignored. */
  readonly requiredLogs: number
  /** Whether a trusted clock other than the verifier's must say when the bundle was signed. */
  readonly observedTimeRequired: boolean
  /** Whether that clock must be the policy's timestamp authority. */
  readonly timestampRequired: boolean
  /** Whether the certificate needs an SCT. */
  readonly sctRequired: boolean
  readonly now: Date
  readonly work: Work
  readonly remembered?: RememberedSignatures
}

export interface VerifiedBundle {
  readonly certificate?: Certificate
  readonly times: Evidence['times']
  readonly logIndex?: bigint
}

/**
 * Verifies one bundle: its signature is valid, the required logs and clocks confirm it, and its certificate was valid
 * at each of their times.
 *
 * The identity in the certificate is not checked here, and neither is whether a statement is about the image: it is
 * parsed afterwards, by {@link readBundleStatement}.
 *
 * @throws CheckError for the first check that fails
 */
export async function verifyBundle(bundle: Bundle, verification: BundleVerification): Promise<VerifiedBundle> {
  const { key, trust, work } = verification
  const { content, material } = bundle
  const expectedSigner = key === undefined ? 'certificate' : 'key'
  if (material.kind !== expectedSigner)
    throw new CheckError(
      'ATTESTOR_SIGNATURE_INVALID',
      `signer of the bundle: expected a ${expectedSigner}, got a ${material.kind}`,
    )
  const signedBytes = signedBytesOf(content, verification)
  await verifyBundleSignature(bundle, signedBytes, key, work, verification.remembered)
  const entries = await verifyBundleLog(
    bundle.logEntries,
    loggedSignature(bundle, signedBytes, key?.publicKey),
    trust.transparencyLogs,
    verification.requiredLogs,
    work,
  )
  const times = await establishTimes(bundle, entries, verification)
  if (material.kind === 'certificate') await verifyCertificate(material, times.binding, verification)
  return {
    times: times.evidence,
    ...(material.kind === 'certificate' && { certificate: material.certificate }),
    ...(entries[0]?.logIndex !== undefined && { logIndex: entries[0].logIndex }),
  }
}

/**
 * Parses the statement of a bundle whose signature has been verified; undefined for a signature over the manifest
 * itself.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_PAYLOAD_MISMATCH
 */
export async function readBundleStatement(
  content: BundleContent,
  digest: Digest,
  payloads: PayloadReader,
): Promise<Statement | undefined> {
  if (content.kind !== 'envelope') return undefined
  return readStatement(await payloads.read(content.payload, 'predicate', 'the statement'), digest)
}

function signedBytesOf(content: BundleContent, { artifact, digest }: BundleVerification): Message {
  if (content.kind === 'envelope') {
    requireStatementType(content.payloadType)
    return preAuthenticationParts(content.payloadType, content.payload)
  }
  // The digest in the bundle is a hint: the signature is verified over the bytes that the image's digest is the hash
  // of.
  const actual = `sha256:${Buffer.from(content.digest).toString('hex')}`
  if (artifact === undefined || digest !== actual) {
    throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the message signature is for another digest', {
      expected: digest,
      actual,
    })
  }
  return artifact
}

async function verifyCertificate(
  { certificate, intermediates }: Extract<BundleMaterial, { readonly kind: 'certificate' }>,
  times: readonly Date[],
  { trust, sctRequired, work }: BundleVerification,
): Promise<void> {
  const [leaf, issuer] = await verifySigningCertificate(
    certificate,
    intermediates,
    trust.certificateAuthorities,
    times,
    work,
  )
  if (!sctRequired) return
  if (issuer === undefined)
    throw new CheckError(
      'ATTESTOR_SCT_INVALID',
      'the certificate is itself a trust anchor, so no SCT can name its issuer',
    )
  await verifyScts(leaf, issuer, trust.certificateLogs, work)
}

function loggedSignature(
  { content, material }: Bundle,
  signedBytes: Message,
  key: PublicKey | undefined,
): LoggedSignature {
  return {
    signature: content.signature,
    signer:
      material.kind === 'certificate'
        ? { kind: 'certificate', der: material.certificate.raw }
        : { kind: 'key', der: key?.spki ?? new Uint8Array() },
    content:
      content.kind === 'envelope'
        ? { kind: 'envelope', payload: content.payload, signedBytes }
        : { kind: 'bytes', bytes: joined(signedBytes) },
  }
}
