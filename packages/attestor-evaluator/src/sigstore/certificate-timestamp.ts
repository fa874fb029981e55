import { type Certificate, CertificateError, verifySignatureBytes } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { AttestorError } from '../attestor-error.ts'
import { precertificate } from './precertificate.ts'
import { readSctList, type SignedCertificateTimestamp } from './sct-list.ts'
import { isWithin, type LogKey } from './trust-material.ts'

const SCT_EXTENSION = '1.3.6.1.4.1.11129.2.4.2'
/** Log signatures are always over SHA-256 (RFC 6962, section 2.1.4). */
const SHA256 = 4
const RSA = 1
const ECDSA = 3
const UNKNOWN_LOG =
  'ctfe public key not found for payload. Check your TUF root (see cosign initialize) or set a custom key with env var SIGSTORE_CT_LOG_PUBLIC_KEY_FILE'

/**
 * Requires that trusted certificate logs have taken a certificate in before it was issued.
 *
 * The issuer must be the one the verified path found, not one of the same name: its key is part of what the log signed.
 * Two timestamps of one log, or of two logs with one key, are one witness.
 *
 * @param required how many different logs; at least 1
 * @throws AttestorError ATTESTOR_SCT_INVALID
 * @see RFC 6962, section 3.2
 */
export function verifyCertificateTimestamps(
  leaf: Certificate,
  issuer: Certificate,
  logs: readonly LogKey[],
  required = 1,
): void {
  const extension = leaf.extensions.get(SCT_EXTENSION)
  if (extension === undefined) {
    throw invalid(
      'the certificate carries no timestamp of a certificate log',
      'certificate does not include required embedded SCT and no detached SCT was set',
    )
  }
  const witnesses = new Set<string>()
  try {
    const signedPart = entryOf(leaf, issuer)
    for (const timestamp of readSctList(extension.value)) {
      const log = logs.find((each) => each.logId === timestamp.logId && holds(timestamp, signedPart, each))
      if (log !== undefined) witnesses.add(log.key.fingerprint)
    }
  } catch (error) {
    if (error instanceof CertificateError) throw invalid(error.message)
    throw error
  }
  if (witnesses.size < Math.max(required, 1))
    throw invalid('too few timestamps of trusted certificate logs hold for the certificate', UNKNOWN_LOG)
}

/** `PreCert` of RFC 6962: the issuer's key, and the certificate as it was before the timestamps came in. */
function entryOf(leaf: Certificate, issuer: Certificate): Buffer {
  const tbs = precertificate(leaf.tbs)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(tbs.length)
  return Buffer.concat([createHash('sha256').update(issuer.publicKey.spki).digest(), length.subarray(1), tbs])
}

function holds(timestamp: SignedCertificateTimestamp, signedPart: Buffer, log: LogKey): boolean {
  const { kind } = log.key
  if (timestamp.hash !== SHA256 || kind === 'ed25519' || timestamp.signatureKind !== (kind === 'rsa' ? RSA : ECDSA))
    return false
  // Beyond this, JavaScript has no dates.
  if (timestamp.timestamp > 8_640_000_000_000_000n || !isWithin(log.window, new Date(Number(timestamp.timestamp))))
    return false
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(timestamp.timestamp)
  const extensionsLength = Buffer.alloc(2)
  extensionsLength.writeUInt16BE(timestamp.extensions.length)
  // Version 1, type certificate_timestamp, the time, entry type precert_entry, the entry, and the log's extensions.
  const signed = Buffer.concat([
    Uint8Array.of(0, 0),
    time,
    Uint8Array.of(0, 1),
    signedPart,
    extensionsLength,
    timestamp.extensions,
  ])
  return verifySignatureBytes(
    log.key,
    kind === 'rsa' ? 'rsa-pkcs1-sha256' : 'ecdsa-sha256',
    signed,
    timestamp.signature,
  )
}

function invalid(reason: string, upstreamText = reason): AttestorError {
  return new AttestorError('ATTESTOR_SCT_INVALID', reason, { upstreamText })
}
