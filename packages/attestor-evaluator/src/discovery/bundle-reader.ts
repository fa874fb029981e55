import { CheckError, decodeProtobufBase64, type Digest, type Json, ownMember } from '@verify-images/primitives'
import { type Certificate, parseCertificate } from '@verify-images/x509'
import { BUNDLE_ARTIFACT_TYPE } from '../bundle/bundle-manifest.ts'
import { bundleVersions, parseBundle } from '../bundle/parse-bundle.ts'
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_CERTIFICATES, MAX_LOG_ENTRIES, MAX_TIMESTAMPS } from '../limits.ts'
import { MAX_INT64 } from '../sigstore/log-entry.ts'
import { parseDocument } from '@verify-images/primitives'
import type { AttachmentReader, StoredAttachment } from './discovery.ts'
import { claimedCertificate, claimedLogEntry, claimedSubject, claimedTimestamp } from './claimed-parts.ts'
import { readClaimedEnvelope } from './claimed-envelope.ts'
import type { BundleClaims, ClaimedLogEntry, ClaimedSigner } from './claims.ts'
import { claimedText, PartReading } from './part-reading.ts'

/**
 * Reads bundles of any version, well-formed or not; a form that verifiers refuse is listed as the unreadable part
 * `bundle`.
 */
export const bundleReader: AttachmentReader = { artifactType: BUNDLE_ARTIFACT_TYPE, read: readBundle }

/** @throws CheckError ATTESTOR_BUNDLE_INVALID, ATTESTOR_LIMIT_EXCEEDED */
async function readBundle({ bytes, image, position }: StoredAttachment): Promise<BundleClaims> {
  if (position > 0) throw invalid('only the first layer of a bundle manifest is read')
  if (bytes.length > MAX_BUNDLE_BYTES)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `bundle: expected at most ${MAX_BUNDLE_BYTES} bytes, got ${bytes.length}`,
    )
  const document = parseDocument(bytes, 'the bundle', 'ATTESTOR_BUNDLE_INVALID')
  const reading = new PartReading()
  await reading.slicedPart('bundle', () => parseBundle(bytes))
  const mediaType = reading.text('media type', ownMember(document, 'mediaType'))
  const version = bundleVersions.get(mediaType)
  const material = ownMember(document, 'verificationMaterial')
  const signer = readSigner(material, reading)
  const tokens = ownMember(ownMember(material, 'timestampVerificationData'), 'rfc3161Timestamps')
  return {
    format: 'sigstore-bundle',
    ...(mediaType !== undefined && { mediaType }),
    ...(version && { version }),
    ...readContent(document, image, reading),
    ...(signer && { signer }),
    logEntries: reading.parts(
      'log entry',
      list(ownMember(material, 'tlogEntries'), 'log entries', MAX_LOG_ENTRIES, reading),
      decodeLogEntry,
    ),
    timestamps: reading.parts('timestamp', list(tokens, 'timestamps', MAX_TIMESTAMPS, reading), (token) =>
      claimedTimestamp(base64(ownMember(token, 'signedTimestamp'))),
    ),
    unreadable: reading.unreadable,
  }
}

function readContent(document: Json, image: Digest, reading: PartReading): Pick<BundleClaims, 'content' | 'subject'> {
  const envelope = ownMember(document, 'dsseEnvelope')
  if (envelope !== undefined) {
    const { subject, ...read } = readClaimedEnvelope(envelope, image, reading)
    return { content: { kind: 'envelope', ...read }, ...(subject && { subject }) }
  }
  const message = ownMember(document, 'messageSignature')
  if (message === undefined) return {}
  const subject = reading.part('message digest', () =>
    claimedSubject([readMessageDigest(ownMember(message, 'messageDigest'))], image),
  )
  return { content: { kind: 'message-signature' }, ...(subject && { subject }) }
}

function readMessageDigest(value: Json | undefined): string {
  const digest = base64(ownMember(value, 'digest'))
  if (ownMember(value, 'algorithm') !== 'SHA2_256' || digest.length !== 32) throw invalid('expected SHA-256')
  return `sha256:${digest.toString('hex')}`
}

/** cosign and sigstore-js write the fingerprint of the key as the hint, in base64. */
function fingerprintIn(hint: string): string | undefined {
  const bytes = decodeProtobufBase64(hint)
  return bytes?.length === 32 ? Buffer.from(bytes).toString('hex') : undefined
}

function readSigner(material: Json | undefined, reading: PartReading): ClaimedSigner | undefined {
  const publicKey = ownMember(material, 'publicKey')
  if (publicKey !== undefined) {
    const hint = reading.text('key hint', ownMember(publicKey, 'hint'))
    const fingerprint = hint && fingerprintIn(hint)
    if (fingerprint) return { kind: 'key', fingerprint }
    return { kind: 'key', ...(hint && { hint }) }
  }
  const single = ownMember(material, 'certificate')
  const chain =
    single === undefined
      ? list(
          ownMember(ownMember(material, 'x509CertificateChain'), 'certificates'),
          'certificates',
          MAX_BUNDLE_CERTIFICATES,
          reading,
        )
      : [single]
  const [leaf, ...issuers] = chain
  const certificate = leaf === undefined ? undefined : reading.part('certificate', () => readCertificate(leaf))
  return certificate && claimedCertificate(certificate, reading.parts('issuer', issuers, readCertificate))
}

function readCertificate(certificate: Json): Certificate {
  return parseCertificate(base64(ownMember(certificate, 'rawBytes')))
}

function decodeLogEntry(entry: Json): ClaimedLogEntry {
  const kind = ownMember(entry, 'kindVersion')
  const integratedTime = integer(ownMember(entry, 'integratedTime') ?? '0')
  return claimedLogEntry({
    logIndex: integer(ownMember(entry, 'logIndex') ?? '0'),
    logId: base64(ownMember(ownMember(entry, 'logId'), 'keyId')).toString('hex'),
    kind: claimedText(ownMember(kind, 'kind')),
    version: claimedText(ownMember(kind, 'version')),
    ...(integratedTime !== 0n && { integratedTime }),
  })
}

function list(value: Json | undefined, part: string, most: number, reading: PartReading): readonly Json[] {
  return (
    reading.part(part, () => {
      if (value === undefined || value === null) return []
      if (!Array.isArray(value)) throw invalid('expected an array')
      if (value.length > most)
        throw new CheckError('ATTESTOR_LIMIT_EXCEEDED', `expected at most ${most}, got ${value.length}`)
      return value
    }) ?? []
  )
}

/** Protobuf writes 64-bit integers as strings, and also reads numbers. */
function integer(value: Json): bigint {
  const text = typeof value === 'number' ? String(value) : value
  const number = typeof text === 'string' && /^(?:0|[1-9]\d{0,18})$/.test(text) ? BigInt(text) : undefined
  if (number === undefined || number > MAX_INT64) throw invalid('expected a 64-bit integer')
  return number
}

function base64(value: Json | undefined): Buffer {
  const bytes = typeof value === 'string' ? decodeProtobufBase64(value) : undefined
  if (bytes === undefined || bytes.length === 0) throw invalid('expected base64 of one alphabet')
  return bytes
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_BUNDLE_INVALID', reason)
}
