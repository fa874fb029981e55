import { createHash } from 'node:crypto'
import type { LogEntry } from '../authorities/transparency-log.ts'
import { jsonContent, type Content, type Descriptor } from '../content.ts'
import type { LogEvidence, Signing } from '../signing/signing.ts'
import { base64, envelopeJson } from './dsse.ts'
import type { LogEntryKind } from './log-body.ts'
import { signStatement, type Attestation } from './statement.ts'

export type BundleVersion = '0.1' | '0.2' | '0.3'

/** What can vary in a bundle for the same signature. */
export interface BundleFormat {
  readonly version: BundleVersion
  /** `message` signs the manifest itself, an attestation is signed as a statement about it. */
  readonly content: 'message' | Attestation
  /** The kind of the log entry for a statement. */
  readonly entry: LogEntryKind
}

/** The image that a bundle is for. */
export interface BundleSubject {
  readonly descriptor: Descriptor
  /** The bytes of the manifest, which a message signature covers. */
  readonly bytes: Uint8Array
  readonly name?: string
}

export const BUNDLE_MEDIA_TYPES: Readonly<Record<BundleVersion, string>> = {
  '0.1': 'application/vnd.dev.sigstore.bundle+json;version=0.1',
  '0.2': 'application/vnd.dev.sigstore.bundle+json;version=0.2',
  '0.3': 'application/vnd.dev.sigstore.bundle.v0.3+json',
}

/** Bundles of version 0.1 need no inclusion proof, so these have none. */
export const BUNDLE_LOG_EVIDENCE: Readonly<Record<BundleVersion, LogEvidence>> = {
  '0.1': new Set(['promise']),
  '0.2': new Set(['promise', 'proof']),
  '0.3': new Set(['promise', 'proof']),
}

/**
 * Makes a Sigstore bundle for an image.
 *
 * @throws RangeError for an entry of Rekor v2 in a bundle of version 0.1, which cannot hold its proof
 * @see https://docs.sigstore.dev/about/bundle/
 */
export function makeBundle(
  signing: Signing,
  subject: BundleSubject,
  { version, content, entry }: BundleFormat,
): Content {
  const signed = content === 'message' ? signMessage(signing, subject) : signEnvelope(signing, subject, content)
  const logged = signing.log?.({ entry, signature: signed.signature, content: signed.logged })
  return jsonContent(BUNDLE_MEDIA_TYPES[version], {
    mediaType: BUNDLE_MEDIA_TYPES[version],
    verificationMaterial: {
      ...verificationMaterial(signing, version),
      ...(logged && { tlogEntries: [logEntry(logged, BUNDLE_LOG_EVIDENCE[version])] }),
      ...(signing.timestamp && {
        timestampVerificationData: {
          rfc3161Timestamps: [{ signedTimestamp: base64(signing.timestamp(signed.signature)) }],
        },
      }),
    },
    ...signed.members,
  })
}

interface SignedContent {
  readonly signature: Uint8Array
  readonly members: object
  readonly logged: Parameters<NonNullable<Signing['log']>>[0]['content']
}

function signMessage(signing: Signing, { bytes, descriptor }: BundleSubject): SignedContent {
  const named = signing.signedDigest(descriptor.digest)
  const message = named === descriptor.digest ? bytes : Buffer.from(named)
  const signature = signing.sign(message)
  const digest = base64(createHash('sha256').update(message).digest())
  return {
    signature,
    members: { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest }, signature: base64(signature) } },
    logged: { bytes: message },
  }
}

function signEnvelope(signing: Signing, { descriptor, name }: BundleSubject, attested: Attestation): SignedContent {
  const annotations = Object.keys(signing.annotations).length === 0 ? undefined : signing.annotations
  const envelope = signStatement(
    signing,
    { version: 'v1', subject: { ...(name !== undefined && { name }), ...(annotations && { annotations }) } },
    descriptor.digest,
    attested,
  )
  const { payloadType, payload, signature } = envelope
  return {
    signature,
    members: { dsseEnvelope: { payload: base64(payload), payloadType, signatures: [{ sig: base64(signature) }] } },
    logged: { envelope, uploaded: envelopeJson(envelope, [signature]) },
  }
}

function verificationMaterial({ certificate, key }: Signing, version: BundleVersion): object {
  if (certificate === undefined) return { publicKey: { hint: base64(createHash('sha256').update(key.spki).digest()) } }
  const leaf = { rawBytes: base64(certificate.leaf.der) }
  if (version === '0.3') return { certificate: leaf }
  // The specification says that the chain must not contain the root.
  return {
    x509CertificateChain: {
      certificates: [leaf, ...certificate.issuers.slice(0, -1).map(({ der }) => ({ rawBytes: base64(der) }))],
    },
  }
}

function logEntry({ logIndex, logId, body, integratedTime, promise, proof }: LogEntry, evidence: LogEvidence): object {
  if (promise === undefined && !evidence.has('proof'))
    throw new RangeError('a bundle of version 0.1 cannot hold an entry of Rekor v2: use version 0.2 or 0.3')
  return {
    logIndex: String(logIndex),
    logId: { keyId: base64(logId) },
    kindVersion: { kind: body.kind, version: body.version },
    ...(integratedTime !== undefined && { integratedTime: String(integratedTime) }),
    ...(promise && { inclusionPromise: { signedEntryTimestamp: base64(promise) } }),
    ...(evidence.has('proof') && {
      inclusionProof: {
        logIndex: String(proof.leafIndex),
        rootHash: base64(proof.rootHash),
        treeSize: String(proof.treeSize),
        hashes: proof.hashes.map(base64),
        checkpoint: { envelope: proof.checkpoint },
      },
    }),
    canonicalizedBody: base64(body.bytes),
  }
}
