import type { OptionKind } from '@verify-images/primitives'
import { trustedRoot, type TrustMaterialSource } from '@verify-images/attestor-evaluator'
import { toPem } from '../certificates/der-writer.ts'
import { makeTimestampAuthority } from '../certificates/timestamp-authority.ts'
import { createSigningKey, type KeyKind, type SigningKey } from '../signing-key.ts'
import { createIssuingAuthority, type CertificateWithIssuers, type IssuingAuthority } from './certificate-authority.ts'
import { createCertificateLog, type CertificateLog } from './certificate-log.ts'
import { identityExtensions, type KeylessIdentity } from './keyless-identity.ts'
import { createRekor, createRekorTiles, type TransparencyLog } from './transparency-log.ts'
import { formatTrustedRoot } from './trusted-root.ts'

/** An RFC 3161 timestamp authority. */
export interface TimestampAuthority {
  readonly url: string
  /** Its certificate and the root, in PEM: the value of `tsaCertChain` in a policy. */
  readonly chain: string
  /** DER, in the same order. */
  readonly certificates: readonly Uint8Array[]
  /** Returns a TimeStampResp with a token over these bytes. */
  readonly timestamp: (bytes: Uint8Array, at: Date) => Uint8Array
  /** The same over the SHA-256 of the bytes. */
  readonly timestampDigest: (digest: Uint8Array, at: Date) => Uint8Array
  /** Returns the token alone, which Notary Project signatures contain. */
  readonly timestampToken: (bytes: Uint8Array, at: Date) => Uint8Array
}

/** The services of a Sigstore instance, each with its own key. */
export interface SigstoreInstance {
  /** Issues certificates for identities, as Fulcio does. */
  readonly authority: IssuingAuthority
  readonly certificateLog: CertificateLog
  /** Rekor v1. */
  readonly rekor: TransparencyLog
  /** Rekor v2. */
  readonly rekorTiles: TransparencyLog
  readonly timestampAuthority: TimestampAuthority
  /** The `trusted_root.json` of these services. */
  readonly trustedRootJson: string
  /** The same trust as an option of a verifier. */
  readonly trust: TrustMaterialSource
  /** The same trust as fields of a policy, in PEM: `roots`, `rekor.pubkey`, `ctlog.pubkey`, `ctlog.tsaCertChain`. */
  readonly policyTrust: {
    readonly roots: string
    readonly rekorPublicKey: string
    readonly certificateLogPublicKey: string
    readonly timestampChain: string
  }
}

/** Accepts only a Sigstore instance: with a world or a key in its place, signing would fail with an unrelated error. */
export const aSigstoreInstance: OptionKind = {
  expected: 'a Sigstore instance, such as `world.sigstore(name)`',
  fits: (value) =>
    typeof value === 'object' && value !== null && 'certificateLog' in value && 'timestampAuthority' in value,
}

/** @param name part of the hosts: `rekor.<name>.test` */
export function createSigstoreInstance(name: string): SigstoreInstance {
  const authority = createIssuingAuthority(`${name}.test`)
  const certificateLog = createCertificateLog(`https://ctlog.${name}.test`)
  const rekor = createRekor(`rekor.${name}.test`)
  const rekorTiles = createRekorTiles(`log2026-1.rekor.${name}.test`)
  const timestampAuthority = createTimestampAuthority(`https://timestamp.${name}.test`)
  const trustedRootJson = formatTrustedRoot({
    authorities: [
      { uri: `https://fulcio.${name}.test`, certificates: [authority.intermediate.der, authority.root.der] },
    ],
    timestampAuthorities: [{ uri: timestampAuthority.url, certificates: timestampAuthority.certificates }],
    transparencyLogs: [rekor, rekorTiles].map(({ url, logId, key }) => ({
      url,
      logId,
      spki: key.spki,
      kind: key.kind,
    })),
    certificateLogs: [{ ...certificateLog, kind: 'P-256' }],
  })
  return {
    authority,
    certificateLog,
    rekor,
    rekorTiles,
    timestampAuthority,
    trustedRootJson,
    trust: trustedRoot(trustedRootJson),
    policyTrust: {
      roots: authority.intermediate.pem + authority.root.pem,
      rekorPublicKey: rekor.key.publicKey,
      certificateLogPublicKey: toPem('PUBLIC KEY', certificateLog.spki),
      timestampChain: timestampAuthority.chain,
    },
  }
}

function createTimestampAuthority(url: string): TimestampAuthority {
  const { leaf, root, timestamp } = makeTimestampAuthority()
  return {
    url,
    chain: leaf.pem + root.pem,
    certificates: [leaf.der, root.der],
    timestamp: (bytes, at) => timestamp(bytes, { genTime: at }),
    timestampDigest: (digest, at) => timestamp(new Uint8Array(), { genTime: at, imprint: digest }),
    timestampToken: (bytes, at) => timestamp(bytes, { genTime: at, bare: true }),
  }
}

/** A key for one signature, with its short-lived certificate. */
export interface ShortLivedSigner {
  readonly key: SigningKey
  readonly certificate: CertificateWithIssuers
}

export const CERTIFICATE_LIFETIME_MS: number = 10 * 60 * 1000

/** Issues a certificate for an identity, valid for ten minutes. Without `log` it has no SCT. */
export function issueKeyless(
  authority: IssuingAuthority,
  identity: KeylessIdentity,
  {
    notBefore,
    log,
    kind = 'P-256',
  }: { readonly notBefore: Date; readonly log?: CertificateLog; readonly kind?: KeyKind },
): ShortLivedSigner {
  const key = createSigningKey(kind)
  const certificate = authority.issue(key, {
    subject: EMPTY_NAME,
    notBefore,
    notAfter: new Date(notBefore.getTime() + CERTIFICATE_LIFETIME_MS),
    extensions: identityExtensions(identity),
    ...(log === undefined ? {} : { log }),
  })
  return { key, certificate }
}

/** The DER of a Name without attributes: the identity is in the SAN. */
export const EMPTY_NAME: Uint8Array = Uint8Array.of(0x30, 0x00)
