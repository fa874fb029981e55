import { type Bundle as SerializedBundle, bundleFromJSON, bundleToJSON } from '@sigstore/bundle'
import { HashAlgorithm } from '@sigstore/protobuf-specs'
import type { Json } from '@verify-images/policy-parser'
import { CertificateError, parseCertificate } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_CERTIFICATES, MAX_LOG_ENTRIES, MAX_TIMESTAMPS } from '../limits.ts'
import { ownMember, parseStrictJson } from '../strict-json.ts'
import type { Bundle, BundleContent, BundleMaterial } from './bundle.ts'
import { isFaithful } from './faithful-json.ts'
import { readLogEntry } from './read-log-entry.ts'

/** Versions of the format by media type; the two spellings of 0.3 are one. */
export const bundleVersions: ReadonlyMap<Json | undefined, Bundle['version']> = new Map<
  Json | undefined,
  Bundle['version']
>([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', '0.3'],
])

/**
 * Reads a bundle and checks its form: media type, what its version demands of log entries and certificates, exactly one
 * signature, canonical base64, no member nobody understands.
 *
 * @throws AttestorError ATTESTOR_BUNDLE_INVALID, ATTESTOR_LIMIT_EXCEEDED
 * @see https://docs.sigstore.dev/about/bundle/
 */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > MAX_BUNDLE_BYTES) throw limit(`the bundle has more than ${MAX_BUNDLE_BYTES} bytes`)
  const document = parseStrictJson(bytes, 'the bundle', 'ATTESTOR_BUNDLE_INVALID')
  const version = bundleVersions.get(ownMember(document, 'mediaType'))
  if (version === undefined) throw invalid('the bundle has an unknown media type')
  // Before the library makes objects of them.
  const material = ownMember(document, 'verificationMaterial')
  if (count(ownMember(material, 'tlogEntries')) > MAX_LOG_ENTRIES) throw limit('the bundle has too many log entries')
  if (count(ownMember(ownMember(material, 'timestampVerificationData'), 'rfc3161Timestamps')) > MAX_TIMESTAMPS)
    throw limit('the bundle has too many timestamps')
  const bundle = decode(document)
  return {
    version,
    material: readMaterial(bundle),
    content: readContent(bundle),
    logEntries: bundle.verificationMaterial.tlogEntries.map(readLogEntry),
    timestamps: (bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? []).map(
      ({ signedTimestamp }) => signedTimestamp,
    ),
  }
}

function decode(document: Json): SerializedBundle {
  let bundle: SerializedBundle
  let written: unknown
  try {
    bundle = bundleFromJSON(document)
    written = bundleToJSON(bundle)
  } catch (cause) {
    throw invalid('the bundle lacks what its version demands, or a member is of the wrong kind', cause)
  }
  // What the library writes is JSON.
  if (!isFaithful(document, written as Json))
    throw invalid('the bundle has members that are unknown, contradict each other, or are not canonical')
  return bundle
}

function readMaterial({ verificationMaterial: { content } }: SerializedBundle): BundleMaterial {
  if (content.$case === 'publicKey') return { kind: 'key' }
  const chain = content.$case === 'certificate' ? [content.certificate] : content.x509CertificateChain.certificates
  if (chain.length > MAX_BUNDLE_CERTIFICATES) throw limit('the bundle has too many certificates')
  try {
    const [certificate, ...intermediates] = chain.map(({ rawBytes }) => parseCertificate(rawBytes))
    if (certificate === undefined) throw invalid('the bundle has no certificate')
    if (intermediates.some(({ isSelfIssued }) => isSelfIssued)) throw invalid('the bundle brings its own root')
    return { kind: 'certificate', certificate, intermediates }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw invalid(`a certificate of the bundle cannot be read: ${error.message}`, error)
  }
}

function readContent({ content }: SerializedBundle): BundleContent {
  if (content.$case === 'dsseEnvelope') {
    const { payload, payloadType, signatures } = content.dsseEnvelope
    const [signature, ...others] = signatures
    // Two signatures would let each check use another one.
    if (signature === undefined || others.length > 0) throw invalid('the envelope has not exactly one signature')
    return { kind: 'envelope', payload, payloadType, signature: signature.sig }
  }
  const { messageDigest, signature } = content.messageSignature
  if (messageDigest.algorithm !== HashAlgorithm.SHA2_256 || messageDigest.digest.length !== 32)
    throw invalid('the message digest is no SHA-256')
  return { kind: 'message', digest: messageDigest.digest, signature }
}

function count(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0
}

function limit(reason: string): AttestorError {
  return new AttestorError('ATTESTOR_LIMIT_EXCEEDED', reason)
}

function invalid(reason: string, cause?: unknown): AttestorError {
  return new AttestorError('ATTESTOR_BUNDLE_INVALID', reason, { ...(cause !== undefined && { cause }) })
}
