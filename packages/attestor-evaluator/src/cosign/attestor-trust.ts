import { CheckError, during, messageOf } from '@verify-images/primitives'
import type { Certificate, HashName, PublicKey } from '@verify-images/x509'
import type { AttestorOptions } from '../attestor-options.ts'
import { resolveKey } from '../keys/resolve-key.ts'
import { readHash, verificationKey, type VerificationKey } from '../keys/verification-key.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { parseLogKey, parseRoots, parseTimestampChain } from '../sigstore/policy-trust.ts'
import type { CertificateAuthority, LogKey, TimestampAuthorityTrust, TrustOrigin } from '../sigstore/trust-material.ts'
import type { CosignVerifierOptions } from './options.ts'
import { parsePinnedCertificate, parsePinnedChain, parseTrustAnchors } from './pinned-certificate.ts'
import { parseRepository } from './repository-name.ts'

/** The signers that an attestor accepts. */
export type TrustedSigner =
  | { readonly kind: 'key'; readonly key: VerificationKey }
  /** The certificate in the policy; `issuers` only where the policy has its chain. */
  | {
      readonly kind: 'pinned'
      readonly key: VerificationKey
      readonly certificate: Certificate
      readonly issuers: readonly Certificate[]
    }
  /** Holders of a certificate of these authorities, by default those of the general trust root. */
  | { readonly kind: 'certified'; readonly authorities?: readonly CertificateAuthority[] }

/**
 * The trust that a policy sets for an attestor. What it leaves out comes from the general trust root when it is needed.
 */
export interface AttestorTrust {
  readonly signer: TrustedSigner
  readonly transparencyLogs?: readonly LogKey[]
  readonly certificateLogs?: readonly LogKey[]
  readonly timestampAuthority?: TimestampAuthorityTrust
  readonly repository?: string
}

/**
 * Resolves everything of an attestor that can fail without any image, in Kyverno's order: the first failure is
 * reported.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID, ATTESTOR_KEY_UNAVAILABLE, ATTESTOR_CERTIFICATE_…
 * @see Kyverno, pkg/image/verifiers/cpol/cosign, the options of cosign
 */
export async function resolveTrust(
  attestor: AttestorOptions,
  options: CosignVerifierOptions,
  run: Pick<VerificationRun, 'keys' | 'signal'>,
): Promise<AttestorTrust> {
  const roots = attestor.roots === undefined ? undefined : [parseRoots(attestor.roots)]
  const hash = readHash(attestor.signatureAlgorithm)
  const signer = await resolveSigner(attestor, hash, roots, options, run)
  const { transparencyLog, certificateLog } = attestor
  return {
    signer,
    ...(transparencyLog.required &&
      transparencyLog.publicKey !== undefined && {
        transparencyLogs: [parseLogKey(transparencyLog.publicKey)],
      }),
    ...(certificateLog.required &&
      certificateLog.publicKey !== undefined && {
        certificateLogs: [parseLogKey(certificateLog.publicKey)],
      }),
    ...(attestor.repository !== undefined && { repository: parseRepository(attestor.repository) }),
    ...(attestor.timestampChain !== undefined && { timestampAuthority: parseTimestampChain(attestor.timestampChain) }),
  }
}

/** Does the same, once in a run: an attestor is checked for every image. */
export async function resolveTrustOnce(
  attestor: AttestorOptions,
  options: CosignVerifierOptions,
  run: VerificationRun,
): Promise<AttestorTrust> {
  return run.memo.once(`attestor trust ${JSON.stringify([attestor, options.verifyPinnedChain === true])}`, async () =>
    resolveTrust(attestor, options, run),
  )
}

async function resolveSigner(
  attestor: AttestorOptions,
  hash: HashName,
  roots: readonly CertificateAuthority[] | undefined,
  options: CosignVerifierOptions,
  run: Pick<VerificationRun, 'keys' | 'signal'>,
): Promise<TrustedSigner> {
  if (attestor.kind === 'keys' && attestor.key !== undefined) {
    const publicKey = await resolveKey(attestor.key, run.keys, run.signal)
    return { kind: 'key', key: verificationKey(publicKey, hash) }
  }
  const { certificate, certificateChain } = attestor.kind === 'certificates' ? attestor : {}
  if (certificate !== undefined) {
    const pinned = parsePinnedCertificate(certificate)
    const issuers =
      certificateChain === undefined
        ? []
        : parsePinnedChain(pinned, certificateChain, options.verifyPinnedChain === true)
    // A chain is always verified for SHA-256, as in cosign.
    return {
      kind: 'pinned',
      certificate: pinned,
      key: verificationKey(pinned.publicKey, certificateChain === undefined ? hash : 'sha256'),
      issuers,
    }
  }
  if (certificateChain !== undefined) return { kind: 'certified', authorities: [parseTrustAnchors(certificateChain)] }
  return { kind: 'certified', ...(roots !== undefined && { authorities: roots }) }
}

/** Returns the key of a certificate, always with SHA-256, as in cosign. */
export function certifiedKey(publicKey: PublicKey): VerificationKey {
  return verificationKey(publicKey, 'sha256')
}

/** Returns the age of the general trust root, if an accepted signature needed a part of it. */
export async function usedTrustOrigin(
  attestor: AttestorOptions,
  { signer, transparencyLogs, certificateLogs }: AttestorTrust,
  run: VerificationRun,
): Promise<TrustOrigin | undefined> {
  const hasIssuers = signer.kind === 'certified' || (signer.kind === 'pinned' && signer.issuers.length > 0)
  const isUsed =
    (signer.kind === 'certified' && signer.authorities === undefined) ||
    (attestor.transparencyLog.required && transparencyLogs === undefined) ||
    (attestor.certificateLog.required && hasIssuers && certificateLogs === undefined)
  return isUsed ? (await loadGeneralTrust(run, 'transparency-log-keys')).origin : undefined
}

/**
 * Returns the general trust root, loaded once in a run and only when it is needed.
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
        'the policy sets no trust root, and no general one is configured',
      )
    try {
      return await run.memo.once('general trust', () => trust.load(run.signal))
    } catch (error) {
      run.signal.throwIfAborted()
      const problem = messageOf(error, 'loading the trust root failed')
      throw new CheckError('ATTESTOR_TRUST_UNAVAILABLE', problem, { cause: error })
    }
  })
}
