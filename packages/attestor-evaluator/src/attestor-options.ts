import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'
import { type KeyMaterial, parseKeyMaterial, secretKey } from './keys/key-material.ts'

/** What one attestor requires, with what it inherits from its entry. Empty strings count as omitted. */
export type AttestorOptions = KeysAttestor | CertificatesAttestor | KeylessAttestor | UnnamedAttestor

interface CommonOptions {
  /** The entry as the policy has it. */
  readonly entry: AttestorEntry
  /** The repository of the signatures, verbatim; the image's own when absent. */
  readonly repository?: string
  readonly annotations: Readonly<Record<string, string>>
  readonly useReferrers: boolean
  readonly signatureAlgorithm: string
  /** PEM roots that replace Fulcio's. */
  readonly roots?: string
  readonly transparencyLog: { readonly required: boolean; readonly url: string; readonly publicKey?: string }
  readonly certificateLog: { readonly required: boolean; readonly publicKey?: string }
  /** PEM chain of the only trusted timestamp authority. */
  readonly timestampChain?: string
}

export interface KeysAttestor extends CommonOptions {
  readonly kind: 'keys'
  /** Absent where the policy names no key. */
  readonly key?: KeyMaterial
}

export interface CertificatesAttestor extends CommonOptions {
  readonly kind: 'certificates'
  /** The pinned certificate, PEM. */
  readonly certificate?: string
  readonly certificateChain?: string
}

export interface KeylessAttestor extends CommonOptions {
  readonly kind: 'keyless'
  readonly identity: IdentityRequirement
}

/** An attestor that names no signer, which Kyverno uses for attestations without attestors. */
export interface UnnamedAttestor extends CommonOptions {
  readonly kind: 'none'
}

export interface IdentityRequirement {
  readonly subject?: string
  readonly subjectRegExp?: string
  readonly issuer?: string
  readonly issuerRegExp?: string
  readonly additionalExtensions: Readonly<Record<string, string>>
}

const publicLog = 'https://rekor.sigstore.dev'

/**
 * Returns the options of one attestor entry.
 *
 * As in Kyverno, the deprecated `keys.signatureAlgorithm` takes precedence over that of the attestor, and the roots of
 * a keyless attestor replace those of the entry even when they are empty.
 *
 * @param purpose an attestation of an attestor that names no signer needs no SCT, as in Kyverno
 */
export function attestorOptions(
  verification: ImageVerification,
  entry: AttestorEntry,
  purpose: 'signature' | 'attestation',
): AttestorOptions {
  const { keys, certificates, keyless } = entry
  const trust = keys ?? certificates ?? keyless
  const common: CommonOptions = {
    entry,
    annotations: entry.annotations ?? verification.annotations ?? {},
    useReferrers: verification.cosignOCI11 === true,
    signatureAlgorithm: (keys ? keys.signatureAlgorithm : entry.signatureAlgorithm) || 'sha256',
    transparencyLog: {
      required: trust?.rekor?.ignoreTlog !== true,
      url: trust === undefined ? '' : trust.rekor === undefined ? publicLog : (trust.rekor.url ?? ''),
      ...given('publicKey', trust?.rekor?.pubkey),
    },
    certificateLog: {
      required: trust === undefined ? purpose === 'signature' : trust.ctlog?.ignoreSCT !== true,
      ...given('publicKey', trust?.ctlog?.pubkey),
    },
    ...given('repository', entry.repository || verification.repository),
    ...given('roots', keyless && !keys && !certificates ? keyless.roots : verification.roots),
    ...given('timestampChain', trust?.ctlog?.tsaCertChain),
  }
  if (keys) return { kind: 'keys', ...common, ...givenKey(keys) }
  if (certificates)
    return {
      kind: 'certificates',
      ...common,
      ...given('certificate', certificates.cert),
      ...given('certificateChain', certificates.certChain),
    }
  return keyless ? { kind: 'keyless', ...common, identity: identityOf(keyless) } : { kind: 'none', ...common }
}

/** Returns the key of an attestor: the one in the policy before that of a Secret, and that before the one in a KMS. */
function givenKey({ publicKeys, secret, kms }: NonNullable<AttestorEntry['keys']>): Pick<KeysAttestor, 'key'> {
  if (publicKeys) return { key: parseKeyMaterial(publicKeys) }
  if (secret) return { key: secretKey(secret) }
  return kms ? { key: parseKeyMaterial(kms) } : {}
}

function identityOf(keyless: NonNullable<AttestorEntry['keyless']>): IdentityRequirement {
  return {
    ...given('subject', keyless.subject),
    ...given('subjectRegExp', keyless.subjectRegExp),
    ...given('issuer', keyless.issuer),
    ...given('issuerRegExp', keyless.issuerRegExp),
    additionalExtensions: keyless.additionalExtensions ?? {},
  }
}

function given<Name extends string>(name: Name, value: string | undefined): { readonly [Key in Name]?: string } {
  return value ? ({ [name]: value } as { readonly [Key in Name]: string }) : {}
}
