import { CheckError, yieldIfDue } from '@verify-images/primitives'
import { type Certificate, CertificateError, verifySignatureBytes, type Work } from '@verify-images/x509'
import { createHash } from 'node:crypto'
import { precertificate } from './precertificate.ts'
import { parseSctList, type Sct } from './parse-sct-list.ts'
import { isWithinWindow, type LogKey } from './trust-material.ts'

const SCT_EXTENSION = '1.3.6.1.4.1.11129.2.4.2'
/** Log signatures are always over SHA-256 (RFC 6962, section 2.1.4). */
const SHA256 = 4
const RSA = 1
const ECDSA = 3
/** The last time that a JavaScript `Date` can hold, in milliseconds. */
const LAST_MILLISECOND = 8_640_000_000_000_000n

/**
 * Requires SCTs of trusted certificate transparency logs in a certificate.
 *
 * The issuer must be the one the verified chain found, not one of the same name: its key is part of what the log
 * signed. Two SCTs of one log, or of two logs with one key, are one witness.
 *
 * @param required how many different logs; at least 1
 * @throws CheckError ATTESTOR_SCT_INVALID
 * @see RFC 6962, section 3.2
 */
export async function verifyScts(
  leaf: Certificate,
  issuer: Certificate,
  logs: readonly LogKey[],
  work: Work,
  required = 1,
): Promise<void> {
  const extension = leaf.extensions.get(SCT_EXTENSION)
  if (extension === undefined) {
    throw new CheckError('ATTESTOR_SCT_INVALID', 'the certificate has no embedded SCT', {
      detail: { kind: 'attestor-sct-missing' },
    })
  }
  const witnesses = new Set<string>()
  try {
    const signedPart = entryOf(leaf, issuer)
    for (const sct of parseSctList(extension.value)) {
      const candidates = logs.filter(({ logId }) => logId === sct.logId)
      work.budget.spend('signatures', candidates.length, work.by)
      await yieldIfDue(work.signal)
      const log = candidates.find((each) => isSignedBy(each, sct, signedPart))
      if (log !== undefined) witnesses.add(log.key.fingerprint)
    }
  } catch (error) {
    if (error instanceof CertificateError) throw invalid(error.message)
    throw error
  }
  const least = Math.max(required, 1)
  if (witnesses.size < least)
    throw invalid(
      `SCTs of the certificate: expected valid ones of ${least} trusted certificate transparency logs, got ${witnesses.size}`,
    )
}

/** Returns the `PreCert` of RFC 6962: the hash of the issuer's key, and the certificate without its SCTs. */
function entryOf(leaf: Certificate, issuer: Certificate): Buffer {
  const tbs = precertificate(leaf.tbs)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(tbs.length)
  return Buffer.concat([createHash('sha256').update(issuer.publicKey.spki).digest(), length.subarray(1), tbs])
}

function isSignedBy(log: LogKey, sct: Sct, signedPart: Buffer): boolean {
  const { kind } = log.key
  if (sct.hash !== SHA256 || kind === 'ed25519' || sct.signatureKind !== (kind === 'rsa' ? RSA : ECDSA)) return false
  if (sct.timestamp > LAST_MILLISECOND || !isWithinWindow(log.window, new Date(Number(sct.timestamp)))) return false
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(sct.timestamp)
  const extensionsLength = Buffer.alloc(2)
  extensionsLength.writeUInt16BE(sct.extensions.length)
  // Version 1, type certificate_timestamp, the time, entry type precert_entry, the entry, and the log's extensions.
  const signed = Buffer.concat([
    Uint8Array.of(0, 0),
    time,
    Uint8Array.of(0, 1),
    signedPart,
    extensionsLength,
    sct.extensions,
  ])
  return verifySignatureBytes(log.key, kind === 'rsa' ? 'rsa-pkcs1-sha256' : 'ecdsa-sha256', signed, sct.signature)
}

function invalid(reason: string): CheckError {
  return new CheckError('ATTESTOR_SCT_INVALID', reason)
}
