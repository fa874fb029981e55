import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'

/** What one attestor asks for, after the rules of inheritance; empty texts count as not given. */
export interface AttestorOptions {
  /** `none` is the attestor that names nothing, which Kyverno uses for attestations without attestors. */
  readonly kind: 'keys' | 'certificates' | 'keyless' | 'none'
  /** The entry as the policy has it. */
  readonly entry: AttestorEntry
  /** Where signatures are looked for, verbatim; the image's own repository when absent. */
  readonly repository?: string
  readonly annotations: Readonly<Record<string, string>>
  readonly useReferrers: boolean
  /** PEM text, or a reference to a key. */
  readonly key?: string
  readonly signatureAlgorithm: string
  readonly certificate?: string
  readonly certificateChain?: string
  /** PEM roots that replace Fulcio's. */
  readonly roots?: string
  readonly identity: IdentityRequirement
  readonly transparencyLog: { readonly required: boolean; readonly url: string; readonly publicKey?: string }
  readonly certificateLog: { readonly required: boolean; readonly publicKey?: string }
  /** PEM chain of the one timestamp authority that is trusted. */
  readonly timestampChain?: string
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
 * The options of one attestor entry.
 *
 * The deprecated `keys.signatureAlgorithm` wins over the attestor's, and roots of a keyless entry replace the entry's
 * even when empty: both are Kyverno's.
 *
 * @param purpose attestations of an attestor that names nothing are checked without SCT, as upstream does
 */
export function attestorOptions(
  verification: ImageVerification,
  entry: AttestorEntry,
  purpose: 'signature' | 'attestation',
): AttestorOptions {
  const { keys, certificates, keyless } = entry
  const kind = keys ? 'keys' : certificates ? 'certificates' : keyless ? 'keyless' : 'none'
  const trust = keys ?? certificates ?? keyless
  const key = keys && keyText(keys)
  const roots = keyless ? keyless.roots : verification.roots
  const repository = entry.repository || verification.repository
  return {
    kind,
    entry,
    annotations: entry.annotations ?? verification.annotations ?? {},
    useReferrers: verification.cosignOCI11 === true,
    signatureAlgorithm: (keys ? keys.signatureAlgorithm : entry.signatureAlgorithm) || 'sha256',
    identity: {
      ...given('subject', keyless?.subject),
      ...given('subjectRegExp', keyless?.subjectRegExp),
      ...given('issuer', keyless?.issuer),
      ...given('issuerRegExp', keyless?.issuerRegExp),
      additionalExtensions: keyless?.additionalExtensions ?? {},
    },
    transparencyLog: {
      required: trust?.rekor?.ignoreTlog !== true,
      url: trust === undefined ? '' : trust.rekor === undefined ? publicLog : (trust.rekor.url ?? ''),
      ...given('publicKey', trust?.rekor?.pubkey),
    },
    certificateLog: {
      required: trust === undefined ? purpose === 'signature' : trust.ctlog?.ignoreSCT !== true,
      ...given('publicKey', trust?.ctlog?.pubkey),
    },
    ...given('repository', repository),
    ...given('key', key),
    ...given('certificate', certificates?.cert),
    ...given('certificateChain', certificates?.certChain),
    ...given('roots', roots),
    ...given('timestampChain', trust?.ctlog?.tsaCertChain),
  }
}

function keyText(keys: NonNullable<AttestorEntry['keys']>): string | undefined {
  if (keys.publicKeys) return keys.publicKeys
  if (keys.secret) return `k8s://${keys.secret.namespace}/${keys.secret.name}`
  return keys.kms
}

function given<Name extends string>(name: Name, value: string | undefined): { readonly [Key in Name]?: string } {
  return value ? ({ [name]: value } as { readonly [Key in Name]: string }) : {}
}
