import type { OptionKind } from '@verify-images/primitives'
import { trustedRoot, type TrustMaterialSource } from '@verify-images/attestor-evaluator'
import { toPem } from '../certificates/der-writer.ts'
import { makeTimestampAuthority } from '../certificates/timestamp-authority.ts'
import { createSigningKey, type KeyKind, type SigningKey } from '../signing-key.ts'
import { createIssuingAuthority, type CertificateWithIssuers, type IssuingAuthority } from './certificate-authority.ts'
import { createCertificateLog, type CertificateLog } from './certificate-log.ts'
import { identityExtensions, type KeylessIdentity } from './keyless-identity.ts'
import { createRekor, createRekorTiles, type TransparencyLog } from './transparency-log.ts'
import { writeTrustedRoot } from './trusted-root.ts'

/** A timestamp authority, as RFC 3161 has it. */
export interface TimestampAuthority {
  readonly url: string
  /** PEM, its own certificate first and the root last: the value of `tsaCertChain` in a policy. */
  readonly chain: string
  /** DER, in the same order. */
  readonly certificates: readonly Uint8Array[]
  /** A response with a token over these bytes. */
  readonly timestamp: (bytes: Uint8Array, at: Date) => Uint8Array
  /** The token alone, as Notary Project signatures contain it. */
  readonly timestampToken: (bytes: Uint8Array, at: Date) => Uint8Array
}

/** Everything a public Sigstore instance consists of, with keys of its own. */
export interface SigstoreInstance {
  /** Issues for identities, as Fulcio does. */
  readonly authority: IssuingAuthority
  readonly certificateLog: CertificateLog
  /** Rekor v1. */
  readonly rekor: TransparencyLog
  /** Rekor v2. */
  readonly rekorTiles: TransparencyLog
  readonly timestampAuthority: TimestampAuthority
  /** `trusted_root.json`, which says all of the above. */
  readonly trustedRootJson: string
  /** The same for a verifier. */
  readonly trust: TrustMaterialSource
  /** The same in the form of a policy: PEM texts for `roots`, `rekor.pubkey`, `ctlog.pubkey`, `ctlog.tsaCertChain`. */
  readonly policyTrust: {
    readonly roots: string
    readonly rekorPublicKey: string
    readonly certificateLogPublicKey: string
    readonly timestampChain: string
  }
}

/** An object with the members of an instance: a world or a key in its place would fail later, and far away. */
export const aSigstoreInstance: OptionKind = {
  expected: 'a Sigstore instance, such as `world.sigstore(name)`',
  fits: (value) =>
    typeof value === 'object' && value !== null && 'certificateLog' in value && 'timestampAuthority' in value,
}

/** @param name becomes part of the hosts: `rekor.<name>.test` */
export function createSigstoreInstance(name: string): SigstoreInstance {
  const authority = createIssuingAuthority(`${name}.test`)
  const certificateLog = createCertificateLog(`https://ctlog.${name}.test`)
  const rekor = createRekor(`rekor.${name}.test`)
  const rekorTiles = createRekorTiles(`log2026-1.rekor.${name}.test`)
  const timestampAuthority = createTimestampAuthority(`https://timestamp.${name}.test`)
  const trustedRootJson = writeTrustedRoot({
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
    timestampToken: (bytes, at) => timestamp(bytes, { genTime: at, bare: true }),
  }
}

/** A key that lives as long as one signature, and the certificate that says whose it is. */
export interface ShortLivedSigner {
  readonly key: SigningKey
  readonly certificate: CertificateWithIssuers
}

const CERTIFICATE_LIFETIME_MS = 10 * 60 * 1000

/** A certificate for an identity, valid for ten minutes, in the certificate log unless none is given. */
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
    subject: NO_NAME,
    notBefore,
    notAfter: new Date(notBefore.getTime() + CERTIFICATE_LIFETIME_MS),
    extensions: identityExtensions(identity),
    ...(log === undefined ? {} : { log }),
  })
  return { key, certificate }
}

/** An empty sequence of names. */
const NO_NAME = Uint8Array.of(0x30, 0x00)
