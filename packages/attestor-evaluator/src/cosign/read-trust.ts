import { CheckError, during } from '@verify-images/primitives'
import type { Certificate, HashName, PublicKey } from '@verify-images/x509'
import type { AttestorOptions } from '../attestor-options.ts'
import { resolveKey } from '../keys/resolve-key.ts'
import { readHash, verificationKey, type VerificationKey } from '../keys/verification-key.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { readLogKey, readRoots, readTimestampChain } from '../sigstore/policy-trust.ts'
import type { CertificateAuthority, LogKey, TimestampAuthorityTrust } from '../sigstore/trust-material.ts'
import type { CosignVerifierOptions } from './options.ts'
import { readPinnedCertificate, readPinnedChain, readTrustAnchors } from './pinned-certificate.ts'
import { readRepositoryName } from './repository-name.ts'

/** Who may have signed. */
export type TrustedSigner =
  | { readonly kind: 'key'; readonly key: VerificationKey }
  /** A certificate of the policy itself; `issuers` only where its chain is verified. */
  | {
      readonly kind: 'pinned'
      readonly key: VerificationKey
      readonly certificate: Certificate
      readonly issuers: readonly Certificate[]
    }
  /** Whoever has a certificate of these authorities; of the general trust root when absent. */
  | { readonly kind: 'certified'; readonly authorities?: readonly CertificateAuthority[] }

/** What a policy states about trust, read. What it leaves open comes from the general root when something needs it. */
export interface StatedTrust {
  readonly signer: TrustedSigner
  readonly transparencyLogs?: readonly LogKey[]
  readonly certificateLogs?: readonly LogKey[]
  readonly timestampAuthority?: TimestampAuthorityTrust
  readonly repository?: string
}

/**
 * Reads everything of an attestor that can be wrong without any image, in Kyverno's order: the first fault is the answer.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID, ATTESTOR_KEY_UNAVAILABLE, ATTESTOR_CERTIFICATE_…
 * @see Kyverno, pkg/image/verifiers/cpol/cosign, the options of cosign
 */
export async function readTrust(
  attestor: AttestorOptions,
  options: CosignVerifierOptions,
  run: Pick<VerificationRun, 'keys' | 'signal'>,
): Promise<StatedTrust> {
  const roots = attestor.roots === undefined ? undefined : [readRoots(attestor.roots)]
  const hash = readHash(attestor.signatureAlgorithm)
  const signer = await readSigner(attestor, hash, roots, options, run)
  const { transparencyLog, certificateLog } = attestor
  return {
    signer,
    ...(transparencyLog.required &&
      transparencyLog.publicKey !== undefined && {
        transparencyLogs: [readLogKey(transparencyLog.publicKey)],
      }),
    ...(certificateLog.required &&
      certificateLog.publicKey !== undefined && {
        certificateLogs: [readLogKey(certificateLog.publicKey)],
      }),
    ...(attestor.repository !== undefined && { repository: readRepositoryName(attestor.repository) }),
    ...(attestor.timestampChain !== undefined && { timestampAuthority: readTimestampChain(attestor.timestampChain) }),
  }
}

/** The same, once in a run: an attestor is asked for every image. */
export async function readTrustOnce(
  attestor: AttestorOptions,
  options: CosignVerifierOptions,
  run: VerificationRun,
): Promise<StatedTrust> {
  return run.memo.once(`stated trust ${JSON.stringify([attestor, options.verifyPinnedChain === true])}`, async () =>
    readTrust(attestor, options, run),
  )
}

async function readSigner(
  attestor: AttestorOptions,
  hash: HashName,
  roots: readonly CertificateAuthority[] | undefined,
  options: CosignVerifierOptions,
  run: Pick<VerificationRun, 'keys' | 'signal'>,
): Promise<TrustedSigner> {
  const { key, certificate, certificateChain } = attestor
  if (key !== undefined) return { kind: 'key', key: verificationKey(await resolveKey(key, run.keys, run.signal), hash) }
  if (certificate !== undefined) {
    const pinned = readPinnedCertificate(certificate)
    const issuers =
      certificateChain === undefined
        ? []
        : readPinnedChain(pinned, certificateChain, options.verifyPinnedChain === true)
    // A chain is always verified for SHA-256, as in cosign.
    return {
      kind: 'pinned',
      certificate: pinned,
      key: verificationKey(pinned.publicKey, certificateChain === undefined ? hash : 'sha256'),
      issuers,
    }
  }
  if (certificateChain !== undefined) return { kind: 'certified', authorities: [readTrustAnchors(certificateChain)] }
  return { kind: 'certified', ...(roots !== undefined && { authorities: roots }) }
}

/** The key of a certified signer: with SHA-256, whatever the policy's algorithm is, as in cosign. */
export function certifiedKey(publicKey: PublicKey): VerificationKey {
  return verificationKey(publicKey, 'sha256')
}

/**
 * The general trust root, loaded once in a run and only when something needs it.
 *
 * @throws CheckError ATTESTOR_TRUST_UNAVAILABLE
 */
export async function loadGeneralTrust(
  run: VerificationRun,
  what: 'certificate-authorities' | 'transparency-log-keys' | 'certificate-log-keys',
): ReturnType<NonNullable<VerificationRun['trust']>['load']> {
  const { trust } = run
  return during({ kind: 'attestor-load-trust', what }, async () => {
    if (trust === undefined)
      throw new CheckError(
        'ATTESTOR_TRUST_UNAVAILABLE',
        'the policy states no trust root, and no general one is configured',
      )
    try {
      return await run.memo.once('general trust', () => trust.load(run.signal))
    } catch (error) {
      run.signal.throwIfAborted()
      const told = error instanceof Error ? error.message : 'the trust root could not be loaded'
      throw new CheckError('ATTESTOR_TRUST_UNAVAILABLE', told, { cause: error })
    }
  })
}
