import type { Digest } from '@verify-images/primitives'
import { contentOf, descriptorOf, jsonContent, OCI_MANIFEST, type Content, type Descriptor } from './content.ts'
import { base64, envelopeJson } from './formats/dsse.ts'
import { signStatement, type Attestation } from './formats/statement.ts'
import type { LogEvidence, Signing } from './signing/signing.ts'
import type { SigningKey } from './signing-key.ts'
import type { LogEntry } from './authorities/transparency-log.ts'

/** A layer of a `.sig` or `.att` manifest, and its bytes. */
export interface SignatureLayer {
  readonly blob: Content
  readonly descriptor: Descriptor
}

/** Names of annotations. @see cosign, specs/SIGNATURE_SPEC.md */
export const COSIGN_ANNOTATION = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  logEntry: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

/** The annotations can hold the inclusion promise of Rekor v1, but no proof. */
export const COSIGN_LOG_EVIDENCE: LogEvidence = new Set(['promise'])

/**
 * Makes a cosign signature by a key: the "simple signing" payload, JSON with the digest of the image.
 *
 * @see cosign, specs/SIGNATURE_SPEC.md
 */
export function simpleSigning(
  reference: string,
  digest: Digest,
  key: SigningKey,
  annotations: Readonly<Record<string, string>> = {},
): SignatureLayer {
  return signatureLayer(reference, digest, byKey(key, annotations))
}

/** Makes a cosign attestation by a key: an in-toto statement about an image, in a DSSE envelope. */
export function attestation(
  digest: Digest,
  predicateType: string,
  predicate: unknown,
  key: SigningKey,
): SignatureLayer {
  return attestationLayer('image', digest, { type: predicateType, predicate }, byKey(key))
}

export function signatureLayer(reference: string, digest: Digest, signing: Signing): SignatureLayer {
  const optional = Object.keys(signing.annotations).length === 0 ? null : signing.annotations
  const payload = simpleSigningPayload(reference, signing.signedDigest(digest), optional)
  const blob = contentOf('application/vnd.dev.cosign.simplesigning.v1+json', payload)
  const signature = signing.sign(blob.bytes)
  const entry = signing.log?.({ entry: 'hashedrekord', signature, content: { bytes: blob.bytes } })
  return {
    blob,
    descriptor: descriptorOf(blob, {
      [COSIGN_ANNOTATION.signature]: base64(signature),
      ...evidenceAnnotations(signing, entry, signature),
    }),
  }
}

/** Returns what a cosign signature is over. */
export function simpleSigningPayload(reference: string, digest: string, optional: unknown): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional,
    }),
  )
}

/** Log entry and timestamp of an attestation cover the whole envelope, unlike those of a signature. */
export function attestationLayer(
  reference: string,
  digest: Digest,
  attested: Attestation,
  signing: Signing,
): SignatureLayer {
  const envelope = signStatement(signing, { version: 'v0.1', subject: { name: reference } }, digest, attested)
  const blob = contentOf('application/vnd.dsse.envelope.v1+json', envelopeJson(envelope, [envelope.signature]))
  const entry = signing.log?.({
    entry: 'dsse',
    signature: envelope.signature,
    content: { envelope, uploaded: blob.bytes },
  })
  return {
    blob,
    descriptor: descriptorOf(blob, {
      [COSIGN_ANNOTATION.signature]: '',
      predicateType: attested.type,
      ...evidenceAnnotations(signing, entry, blob.bytes),
    }),
  }
}

function evidenceAnnotations(
  { certificate, timestamp }: Signing,
  entry: LogEntry | undefined,
  timestamped: Uint8Array,
): Readonly<Record<string, string>> {
  return {
    ...(certificate && {
      [COSIGN_ANNOTATION.certificate]: certificate.leaf.pem,
      [COSIGN_ANNOTATION.chain]: certificate.issuers.map(({ pem }) => pem).join(''),
    }),
    ...(entry && { [COSIGN_ANNOTATION.logEntry]: logAnnotation(entry) }),
    ...(timestamp && {
      [COSIGN_ANNOTATION.timestamp]: JSON.stringify({ SignedRFC3161Timestamp: base64(timestamp(timestamped)) }),
    }),
  }
}

/** Returns the annotation that holds a log entry, with its promise and without a proof. */
export function logAnnotation({ promise, body, integratedTime, logIndex, logId }: AnnotatedEntry): string {
  if (promise === undefined)
    throw new RangeError('cosign annotations cannot hold an entry of Rekor v2: sign with a bundle instead')
  return JSON.stringify({
    SignedEntryTimestamp: base64(promise),
    Payload: { body: base64(body.bytes), integratedTime, logIndex, logID: Buffer.from(logId).toString('hex') },
  })
}

type AnnotatedEntry = Pick<LogEntry, 'promise' | 'integratedTime' | 'logIndex' | 'logId'> & {
  readonly body: Pick<LogEntry['body'], 'bytes'>
}

function byKey(key: SigningKey, annotations: Readonly<Record<string, string>> = {}): Signing {
  return { key, annotations, at: new Date(0), sign: (bytes) => key.sign(bytes), signedDigest: (digest) => digest }
}

/** Makes the manifest for the tag `sha256-<hex>.sig` or `.att`: one layer per signature. */
export function signatureManifest(layers: readonly Descriptor[]): {
  readonly manifest: Content
  readonly config: Content
} {
  const config = jsonContent('application/vnd.oci.image.config.v1+json', {
    architecture: '',
    created: '0001-01-01T00:00:00Z',
    history: layers.map(() => ({ created: '0001-01-01T00:00:00Z' })),
    os: '',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  })
  const manifest = jsonContent(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(config),
    layers,
  })
  return { manifest, config }
}

export function attachmentTag(digest: Digest, suffix: 'sig' | 'att'): string {
  return `${digest.replace(':', '-')}.${suffix}`
}
