import { CheckError, type Json, ownMember, parsePayloadDocument } from '@verify-images/primitives'
import { type Bundle as SerializedBundle, bundleFromJSON, bundleToJSON } from '@sigstore/bundle'
import { HashAlgorithm } from '@sigstore/protobuf-specs'
import { type Certificate, CertificateError, parseCertificate } from '@verify-images/x509'
import {
  MAX_BUNDLE_BYTES,
  MAX_BUNDLE_CERTIFICATES,
  MAX_BUNDLE_OTHER_BYTES,
  MAX_BUNDLE_TOKENS,
  MAX_LOG_ENTRIES,
  MAX_TIMESTAMPS,
} from '../limits.ts'
import type { LogEntry } from '../sigstore/log-entry.ts'
import { decodeLogEntry } from './decode-log-entry.ts'
import { isLossless } from './lossless-json.ts'

/** A well-formed Sigstore bundle. Nothing in it has been verified. */
export interface Bundle {
  readonly version: '0.1' | '0.2' | '0.3'
  readonly material: BundleMaterial
  readonly content: BundleContent
  readonly logEntries: readonly LogEntry[]
  /** RFC 3161 responses over the raw signature. */
  readonly timestamps: readonly Uint8Array[]
}

export type BundleMaterial =
  /** The bundle's key hint is chosen by its author, so it is not kept. */
  | { readonly kind: 'key' }
  | { readonly kind: 'certificate'; readonly certificate: Certificate; readonly intermediates: readonly Certificate[] }

export type BundleContent =
  | {
      readonly kind: 'envelope'
      readonly payloadType: string
      readonly payload: Uint8Array
      readonly signature: Uint8Array
    }
  | { readonly kind: 'message'; readonly digest: Uint8Array; readonly signature: Uint8Array }

/** Versions of the format by media type; 0.3 has two media types. */
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
 * Parses a bundle and checks its form: media type, what its version demands of log entries and certificates, exactly
 * one signature, base64 as protobuf reads it, no unknown members.
 *
 * @throws CheckError ATTESTOR_BUNDLE_INVALID, ATTESTOR_LIMIT_EXCEEDED
 * @see https://docs.sigstore.dev/about/bundle/
 */
export async function parseBundle(bytes: Uint8Array, signal?: AbortSignal): Promise<Bundle> {
  if (bytes.length > MAX_BUNDLE_BYTES) throw overLimit('bytes', MAX_BUNDLE_BYTES, bytes.length)
  const { document, payload } = await parsePayloadDocument(bytes, {
    path: ['dsseEnvelope', 'payload'],
    dialect: 'protobuf',
    exactIntegers: true,
    maxTokens: MAX_BUNDLE_TOKENS,
    maxOtherBytes: MAX_BUNDLE_OTHER_BYTES,
    what: 'the bundle',
    code: 'ATTESTOR_BUNDLE_INVALID',
    signal,
  })
  if (payload === undefined && typeof ownMember(ownMember(document, 'dsseEnvelope'), 'payload') === 'string')
    throw invalid('payload of the envelope: expected base64 of one alphabet')
  const version = bundleVersions.get(ownMember(document, 'mediaType'))
  if (version === undefined) throw invalid('unknown `mediaType`')
  // Counted before the library builds objects.
  const material = ownMember(document, 'verificationMaterial')
  const entries = count(ownMember(material, 'tlogEntries'))
  if (entries > MAX_LOG_ENTRIES) throw overLimit('log entries', MAX_LOG_ENTRIES, entries)
  const timestamps = count(ownMember(ownMember(material, 'timestampVerificationData'), 'rfc3161Timestamps'))
  if (timestamps > MAX_TIMESTAMPS) throw overLimit('timestamps', MAX_TIMESTAMPS, timestamps)
  const bundle = decode(document)
  return {
    version,
    material: decodeMaterial(bundle),
    content: decodeContent(bundle, payload),
    logEntries: bundle.verificationMaterial.tlogEntries.map(decodeLogEntry),
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
    throw invalid('a member that its version demands is missing or has the wrong type', cause)
  }
  // What the library writes is JSON.
  if (!isLossless(document, written as Json))
    throw invalid('members are unknown, contradict each other, or are not canonical')
  return bundle
}

function decodeMaterial({ verificationMaterial: { content } }: SerializedBundle): BundleMaterial {
  if (content.$case === 'publicKey') return { kind: 'key' }
  const chain = content.$case === 'certificate' ? [content.certificate] : content.x509CertificateChain.certificates
  if (chain.length > MAX_BUNDLE_CERTIFICATES) throw overLimit('certificates', MAX_BUNDLE_CERTIFICATES, chain.length)
  try {
    const [certificate, ...intermediates] = chain.map(({ rawBytes }) => parseCertificate(rawBytes))
    if (certificate === undefined) throw invalid('expected a certificate, got an empty chain')
    if (intermediates.some(({ isSelfIssued }) => isSelfIssued))
      throw invalid('expected intermediate certificates in the chain, got a root')
    return { kind: 'certificate', certificate, intermediates }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw invalid(`invalid certificate: ${error.message}`, error)
  }
}

function decodeContent({ content }: SerializedBundle, decoded: Uint8Array | undefined): BundleContent {
  if (content.$case === 'dsseEnvelope') {
    const { payload, payloadType, signatures } = content.dsseEnvelope
    const [signature, ...others] = signatures
    // With two signatures each check could use another one.
    if (signature === undefined || others.length > 0)
      throw invalid(`envelope: expected exactly one signature, got ${signatures.length}`)
    return { kind: 'envelope', payload: decoded ?? payload, payloadType, signature: signature.sig }
  }
  const { messageDigest, signature } = content.messageSignature
  if (messageDigest.algorithm !== HashAlgorithm.SHA2_256 || messageDigest.digest.length !== 32)
    throw invalid('message digest: expected SHA-256')
  return { kind: 'message', digest: messageDigest.digest, signature }
}

function count(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0
}

function overLimit(what: string, most: number, actual: number): CheckError {
  return new CheckError('ATTESTOR_LIMIT_EXCEEDED', `bundle: expected at most ${most} ${what}, got ${actual}`)
}

function invalid(problem: string, cause?: unknown): CheckError {
  return new CheckError('ATTESTOR_BUNDLE_INVALID', `bundle: ${problem}`, { ...(cause !== undefined && { cause }) })
}
