import { createHash } from 'node:crypto'
import { oneOf, type OptionKind, preAuthenticationEncoding } from '@verify-images/primitives'
import { toPem } from '../certificates/der-writer.ts'
import type { KeyKind } from '../signing-key.ts'
import { base64, type SignedEnvelope } from './dsse.ts'

/** A signature as it is submitted to a transparency log. */
export interface LogRecord {
  /**
   * The kind of the entry. For an envelope, `hashedrekord` is over its signed bytes. Plain bytes need `hashedrekord`.
   */
  readonly entry: LogEntryKind
  readonly signature: Uint8Array
  readonly signer: LoggedSigner
  readonly content:
    | { readonly bytes: Uint8Array }
    | { readonly envelope: Pick<SignedEnvelope, 'payload' | 'payloadType'>; readonly uploaded: Uint8Array }
}

const LOG_ENTRY_KINDS = ['hashedrekord', 'dsse', 'intoto'] as const

export type LogEntryKind = (typeof LOG_ENTRY_KINDS)[number]

export const aLogEntryKind: OptionKind = oneOf(...LOG_ENTRY_KINDS)

export interface LoggedSigner {
  readonly kind: 'certificate' | 'key'
  readonly der: Uint8Array
  readonly key: KeyKind
}

export interface LogBody {
  readonly kind: LogEntryKind
  readonly version: string
  /** Canonical JSON (RFC 8785). */
  readonly bytes: Uint8Array
}

/**
 * Makes the body of an entry in Rekor v1.
 *
 * @see https://github.com/sigstore/rekor/tree/main/pkg/types
 */
export function rekorBody(record: LogRecord): LogBody {
  const { content, signature } = record
  const verifier = base64(
    Buffer.from(toPem(record.signer.kind === 'certificate' ? 'CERTIFICATE' : 'PUBLIC KEY', record.signer.der)),
  )
  if ('bytes' in content) {
    return body('hashedrekord', '0.0.1', {
      data: { hash: hexHash(content.bytes) },
      signature: { content: base64(signature), publicKey: { content: verifier } },
    })
  }
  const {
    envelope: { payload, payloadType },
    uploaded,
  } = content
  switch (record.entry) {
    case 'dsse':
      return body('dsse', '0.0.1', {
        envelopeHash: hexHash(uploaded),
        payloadHash: hexHash(payload),
        signatures: [{ signature: base64(signature), verifier }],
      })
    case 'intoto':
      // Entries of this kind encode the signature in base64 twice.
      return body('intoto', '0.0.2', {
        content: {
          envelope: { payloadType, signatures: [{ publicKey: verifier, sig: base64(Buffer.from(base64(signature))) }] },
          hash: hexHash(uploaded),
          payloadHash: hexHash(payload),
        },
      })
    case 'hashedrekord':
      throw new RangeError('log entry for an envelope in Rekor v1: expected kind dsse or intoto, got hashedrekord')
  }
}

/**
 * Makes the body of an entry in Rekor v2.
 *
 * @see https://github.com/sigstore/rekor-tiles/tree/main/api/proto/rekor/v2
 */
export function rekorTilesBody({ content, signature, signer, entry }: LogRecord): LogBody {
  const key = { rawBytes: base64(signer.der) }
  const verifier = {
    keyDetails: KEY_DETAILS[signer.key],
    ...(signer.kind === 'certificate' ? { x509Certificate: key } : { publicKey: key }),
  }
  if (entry === 'intoto')
    throw new RangeError('log entry for an envelope in Rekor v2: expected kind dsse or hashedrekord, got intoto')
  if (entry === 'dsse' && 'envelope' in content) {
    return body('dsse', '0.0.2', {
      dsseV002: {
        payloadHash: base64Hash(content.envelope.payload),
        signatures: [{ content: base64(signature), verifier }],
      },
    })
  }
  const signed =
    'bytes' in content
      ? content.bytes
      : preAuthenticationEncoding(content.envelope.payloadType, content.envelope.payload)
  return body('hashedrekord', '0.0.2', {
    hashedRekordV002: { data: base64Hash(signed), signature: { content: base64(signature), verifier } },
  })
}

/** The `PublicKeyDetails` of sigstore_common.proto. */
export const KEY_DETAILS: Readonly<Record<KeyKind, string>> = {
  'P-256': 'PKIX_ECDSA_P256_SHA_256',
  'P-384': 'PKIX_ECDSA_P384_SHA_384',
  'P-521': 'PKIX_ECDSA_P521_SHA_512',
  'RSA-2048': 'PKIX_RSA_PKCS1V15_2048_SHA256',
  'RSA-3072': 'PKIX_RSA_PKCS1V15_3072_SHA256',
  'RSA-4096': 'PKIX_RSA_PKCS1V15_4096_SHA256',
  Ed25519: 'PKIX_ED25519',
}

function body(kind: LogEntryKind, apiVersion: string, spec: object): LogBody {
  return { kind, version: apiVersion, bytes: Buffer.from(JSON.stringify({ apiVersion, kind, spec })) }
}

function hexHash(bytes: Uint8Array): object {
  return { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') }
}

function base64Hash(bytes: Uint8Array): object {
  return { algorithm: 'SHA2_256', digest: base64(createHash('sha256').update(bytes).digest()) }
}
