import type { CertificateWithIssuers } from '../authorities/certificate-authority.ts'
import type { LogEntry, TransparencyLog } from '../authorities/transparency-log.ts'
import { envelopeJson } from '../formats/dsse.ts'
import { signPayload } from '../formats/statement.ts'
import type { LoggedSigner, LogRecord } from '../formats/log-body.ts'
import type { SigningKey } from '../signing-key.ts'
import type { Flaw } from './flaw.ts'

export interface LogOptions {
  readonly log: TransparencyLog
  readonly at: Date
  readonly flaw: Flaw | undefined
  readonly key: SigningKey
  readonly sign: (bytes: Uint8Array) => Uint8Array
  readonly certificate: CertificateWithIssuers | undefined
}

/** Logs a signature, and applies the flaw if it concerns the log entry. */
export function logSignature(
  record: Omit<LogRecord, 'signer'>,
  { log, at, flaw, key, sign, certificate }: LogOptions,
): LogEntry {
  const signer: LoggedSigner =
    certificate === undefined
      ? { kind: 'key', der: key.spki, key: key.kind }
      : { kind: 'certificate', der: certificate.leaf.der, key: key.kind }
  const entry = log.add({ ...(flaw === 'other-log-entry' ? forOtherContent(record, sign) : record), signer }, at)
  switch (flaw) {
    case 'altered-log-time':
      return entry.integratedTime === undefined ? entry : { ...entry, integratedTime: entry.integratedTime + 1 }
    case 'broken-inclusion-proof':
      return { ...entry, proof: { ...entry.proof, hashes: entry.proof.hashes.map((hash) => hash.toReversed()) } }
    default:
      return entry
  }
}

/** Returns a valid record of the same kind and signer for other content. */
function forOtherContent(record: Omit<LogRecord, 'signer'>, sign: LogOptions['sign']): Omit<LogRecord, 'signer'> {
  const other = Buffer.from('{"something":"else"}')
  if ('bytes' in record.content) return { ...record, signature: sign(other), content: { bytes: other } }
  const { payloadType } = record.content.envelope
  const envelope = signPayload(payloadType, other, { sign })
  return {
    ...record,
    signature: envelope.signature,
    content: { envelope, uploaded: envelopeJson(envelope, [envelope.signature]) },
  }
}
