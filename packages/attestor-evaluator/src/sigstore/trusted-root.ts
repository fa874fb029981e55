import { type Certificate, CertificateError, parseCertificate } from '@verify-images/x509'
import { decodeCanonicalBase64, isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { MAX_AUTHORITY_CERTIFICATES, MAX_TRUST_ENTRIES, MAX_TRUSTED_ROOT_LENGTH } from '../limits.ts'
import type { TrustMaterialSource } from '../signature-verifier.ts'
import { parseDocument } from '@verify-images/primitives'
import { decodeTrustedLog } from './trusted-log-key.ts'
import { decodeWindow } from './trusted-window.ts'
import type { CertificateAuthority, LogKey, TimestampAuthorityTrust, TrustMaterial } from './trust-material.ts'

const mediaTypes: ReadonlySet<Json | undefined> = new Set([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
])

/**
 * Creates a source of trust from the JSON text or the parsed value of a `trusted_root.json`.
 *
 * @throws AttestorError ATTESTOR_TRUST_UNAVAILABLE at once when it is malformed; no part of a malformed root is used
 */
export function trustedRoot(root: string | object): TrustMaterialSource {
  const material = parseTrustedRoot(root)
  return {
    load: async (signal) => {
      signal.throwIfAborted()
      return material
    },
  }
}

/**
 * Parses a `trusted_root.json` (0.1 or 0.2).
 *
 * @throws AttestorError ATTESTOR_TRUST_UNAVAILABLE
 * @see https://github.com/sigstore/protobuf-specs, sigstore_trustroot.proto
 */
export function parseTrustedRoot(root: string | object): TrustMaterial {
  // A value is serialised too: the caller may change its object later, and the same checks apply to both.
  const text = typeof root === 'string' ? root : JSON.stringify(root)
  if (text === undefined || text.length > MAX_TRUSTED_ROOT_LENGTH)
    throw malformed(`expected JSON of at most ${MAX_TRUSTED_ROOT_LENGTH} characters`)
  const document = parseDocument(text, 'the trusted root', 'ATTESTOR_TRUST_UNAVAILABLE')
  if (!mediaTypes.has(ownMember(document, 'mediaType'))) throw malformed('unknown `mediaType`')
  try {
    const warnings: string[] = []
    return {
      certificateAuthorities: entries(document, 'certificateAuthorities').map(certificateAuthority),
      timestampAuthorities: entries(document, 'timestampAuthorities').map(timestampAuthority),
      transparencyLogs: logs(document, 'tlogs', warnings),
      certificateLogs: logs(document, 'ctlogs', warnings),
      warnings,
    }
  } catch (error) {
    if (error instanceof CertificateError) throw malformed(`invalid certificate or key: ${error.message}`)
    throw error
  }
}

function certificateAuthority(entry: Json): CertificateAuthority {
  const certificates = chain(entry)
  return {
    uri: stringOrEmpty(ownMember(entry, 'uri')),
    roots: certificates.slice(-1),
    intermediates: certificates.slice(0, -1),
    window: decodeWindow(ownMember(entry, 'validFor')),
  }
}

function timestampAuthority(entry: Json): TimestampAuthorityTrust {
  const certificates = chain(entry)
  const { start, end } = decodeWindow(ownMember(entry, 'validFor'))
  const [first] = certificates
  const leaf = first !== undefined && first.basicConstraints?.isCa !== true ? first : undefined
  return {
    uri: stringOrEmpty(ownMember(entry, 'uri')),
    roots: certificates.slice(-1),
    intermediates: certificates.slice(leaf === undefined ? 0 : 1, -1),
    ...(leaf && { leaf }),
    ...(start && { validFrom: start }),
    ...(end && { validUntil: end }),
  }
}

function chain(entry: Json): readonly Certificate[] {
  const list = ownMember(ownMember(entry, 'certChain'), 'certificates')
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_AUTHORITY_CERTIFICATES)
    throw malformed(`authority: expected 1 to ${MAX_AUTHORITY_CERTIFICATES} certificates`)
  return list.map((certificate: Json) => {
    const raw = ownMember(certificate, 'rawBytes')
    const bytes = typeof raw === 'string' ? decodeCanonicalBase64(raw) : undefined
    if (bytes === undefined) throw malformed('certificate: expected canonical base64')
    return parseCertificate(bytes)
  })
}

function logs(document: Json, name: string, warnings: string[]): readonly LogKey[] {
  return entries(document, name).flatMap((entry) => {
    const key = decodeTrustedLog(entry)
    if (key === undefined) warnings.push(`trusted root: a log in \`${name}\` has an unsupported kind of key`)
    return key === undefined ? [] : [key]
  })
}

function entries(document: Json, name: string): readonly Json[] {
  const list = ownMember(document, name) ?? []
  if (!Array.isArray(list) || list.length > MAX_TRUST_ENTRIES || !list.every((entry: Json) => isJsonObject(entry))) {
    throw malformed(`\`${name}\`: expected an array of at most ${MAX_TRUST_ENTRIES} objects`)
  }
  return list
}

function stringOrEmpty(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function malformed(problem: string): AttestorError {
  return new AttestorError('ATTESTOR_TRUST_UNAVAILABLE', `trusted root: ${problem}`)
}
