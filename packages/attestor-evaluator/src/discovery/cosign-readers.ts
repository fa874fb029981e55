import { CheckError, decodeGoBase64, ownMember } from '@verify-images/primitives'
import { CertificateError, parseCertificate, parseCertificates, parsePublicKey } from '@verify-images/x509'
import { annotationNames } from '../cosign/candidate.ts'
import { MAX_ANNOTATED_CHAIN, MAX_LOG_BODY_BYTES, MAX_LOG_BODY_TOKENS } from '../limits.ts'
import { parseLogAnnotation } from '../sigstore/log-annotation.ts'
import { parseTimestampAnnotation } from '../sigstore/timestamp-authority.ts'
import { parseDocument } from '@verify-images/primitives'
import type { AttachmentReader, StoredAttachment } from './discovery.ts'
import { claimedCertificate, claimedLogEntry, claimedSubject, claimedTimestamp } from './claimed-parts.ts'
import { readClaimedEnvelope } from './claimed-envelope.ts'
import type { ClaimedParts, CosignAttestationClaims, CosignSignatureClaims } from './claims.ts'
import { claimedAnnotations, claimedText, PartReading } from './part-reading.ts'

/** cosign's artifact types of referrers. What it stores under tags is read in the same way. */
export const COSIGN_TYPE = {
  signature: 'application/vnd.dev.cosign.artifact.sig',
  attestation: 'application/vnd.dev.cosign.artifact.att',
  sbom: 'application/vnd.dev.cosign.artifact.sbom',
} as const

export const cosignSignatureReader: AttachmentReader = { artifactType: COSIGN_TYPE.signature, read: readSignature }
export const cosignAttestationReader: AttachmentReader = {
  artifactType: COSIGN_TYPE.attestation,
  read: readAttestation,
}

function readSignature(attachment: StoredAttachment): CosignSignatureClaims {
  const reading = new PartReading()
  const payload = reading.part('payload', () =>
    parseDocument(attachment.bytes, 'the signed payload', 'ATTESTOR_PAYLOAD_INVALID', { exactIntegers: false }),
  )
  const critical = ownMember(payload, 'critical')
  const repository = reading.text('repository', ownMember(ownMember(critical, 'identity'), 'docker-reference'))
  const optional = ownMember(payload, 'optional') ?? {}
  const subject =
    payload === undefined
      ? undefined
      : reading.part('digest', () => {
          const digest = claimedText(ownMember(ownMember(critical, 'image'), 'docker-manifest-digest'))
          return claimedSubject([digest], attachment.image)
        })
  const annotations = reading.part('annotations', () => claimedAnnotations(optional)) ?? {}
  reading.part('signature', () => requireSignature(attachment))
  return {
    format: 'cosign-signature',
    annotations,
    ...(repository && { repository }),
    ...(subject && { subject }),
    ...readAnnotations(attachment, reading),
  }
}

function readAttestation(attachment: StoredAttachment): CosignAttestationClaims {
  const reading = new PartReading()
  const envelope = reading.part('envelope', () =>
    parseDocument(attachment.bytes, 'the envelope', 'ATTESTOR_PAYLOAD_INVALID', { exactIntegers: false }),
  )
  const read = envelope === undefined ? {} : readClaimedEnvelope(envelope, attachment.image, reading)
  return { format: 'cosign-attestation', ...read, ...readAnnotations(attachment, reading) }
}

function requireSignature({ annotations }: StoredAttachment): void {
  const bytes = decodeGoBase64(annotations.get(annotationNames.signature) ?? '')
  if (bytes === undefined || bytes.length === 0)
    throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'expected a signature in padded standard base64')
}

/** Reads what cosign stores in annotations beside the signed payload. */
function readAnnotations({ annotations }: StoredAttachment, reading: PartReading): Omit<ClaimedParts, 'subject'> {
  const { certificate, chain, logEntry, timestamp } = annotationNames
  const pem = annotations.get(certificate)
  const entry = annotations.get(logEntry)
  const signer = pem
    ? readSigner(pem, annotations.get(chain), reading)
    : { kind: 'key' as const, ...(entry && loggedKey(entry)) }
  return {
    ...(signer && { signer }),
    logEntries: reading.parts('log entry', given(annotations.get(logEntry)), (text) =>
      claimedLogEntry(parseLogAnnotation(text)),
    ),
    timestamps: reading.parts('timestamp', given(annotations.get(timestamp)), (text) =>
      claimedTimestamp(parseTimestampAnnotation(text)),
    ),
    unreadable: reading.unreadable,
  }
}

/**
 * Returns the fingerprint of the key that a log entry records: a signature by a key states its key nowhere else.
 * Nothing for an entry that is unreadable, which is listed as such, or of another form.
 */
function loggedKey(annotation: string): { readonly fingerprint?: string } {
  try {
    const { body } = parseLogAnnotation(annotation)
    if (body.length > MAX_LOG_BODY_BYTES) return {}
    const limits = { maxTokens: MAX_LOG_BODY_TOKENS }
    const spec = ownMember(parseDocument(body, 'the log entry', 'ATTESTOR_LOG_ENTRY_INVALID', limits), 'spec')
    const signatures = ownMember(spec, 'signatures')
    const verifier =
      ownMember(ownMember(ownMember(spec, 'signature'), 'publicKey'), 'content') ??
      (Array.isArray(signatures) ? ownMember(signatures[0], 'verifier') : undefined) ??
      ownMember(spec, 'publicKey')
    const pem = typeof verifier === 'string' ? decodeGoBase64(verifier)?.toString('utf8') : undefined
    return pem === undefined ? {} : { fingerprint: parsePublicKey(pem).fingerprint }
  } catch (error) {
    if (error instanceof CheckError || error instanceof CertificateError) return {}
    throw error
  }
}

function readSigner(pem: string, chain: string | undefined, reading: PartReading): ClaimedParts['signer'] {
  const certificate = reading.part('certificate', () => parseCertificate(pem))
  const issuers = chain
    ? (reading.part('certificate chain', () => parseCertificates(chain, { maxBlocks: MAX_ANNOTATED_CHAIN })) ?? [])
    : []
  return certificate && claimedCertificate(certificate, issuers)
}

/** cosign writes an empty annotation for a missing part. */
function given(text: string | undefined): readonly string[] {
  return text ? [text] : []
}
