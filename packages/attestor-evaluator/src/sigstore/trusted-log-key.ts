import { parsePublicKey, type PublicKey } from '@verify-images/x509'
import { createPublicKey } from 'node:crypto'
import { decodeCanonicalBase64, type Json, ownMember } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { decodeWindow } from './trusted-window.ts'
import type { LogKey } from './trust-material.ts'

interface SupportedKey {
  readonly encoding: 'spki' | 'pkcs1'
  readonly fits: (key: PublicKey) => boolean
}

const ecdsa = (curve: string): SupportedKey => ({
  encoding: 'spki',
  fits: (key) => key.kind === 'ec' && key.curve === curve,
})
const rsa: SupportedKey = { encoding: 'spki', fits: (key) => key.kind === 'rsa' }

/** Supported kinds of log keys, by `keyDetails`. */
const supportedKeys: ReadonlyMap<Json | undefined, SupportedKey> = new Map<Json | undefined, SupportedKey>([
  ['PKIX_ECDSA_P256_SHA_256', ecdsa('P-256')],
  ['PKIX_ECDSA_P384_SHA_384', ecdsa('P-384')],
  ['PKIX_ECDSA_P521_SHA_512', ecdsa('P-521')],
  ['PKIX_ED25519', { encoding: 'spki', fits: (key) => key.kind === 'ed25519' }],
  ['PKIX_RSA_PKCS1V15_2048_SHA256', rsa],
  ['PKIX_RSA_PKCS1V15_3072_SHA256', rsa],
  ['PKIX_RSA_PKCS1V15_4096_SHA256', rsa],
  // Deprecated, but still used for a log of Sigstore's staging instance.
  ['PKCS1_RSA_PKCS1V5', { encoding: 'pkcs1', fits: rsa.fits }],
])

/**
 * Decodes one log of a trusted root. Returns `undefined` when its kind of key is not supported: such a log is not
 * trusted.
 *
 * @throws AttestorError ATTESTOR_TRUST_UNAVAILABLE
 * @throws CertificateError for a key that cannot be read
 */
export function decodeTrustedLog(entry: Json): LogKey | undefined {
  const publicKey = ownMember(entry, 'publicKey')
  const supported = supportedKeys.get(ownMember(publicKey, 'keyDetails'))
  const logId = keyId(ownMember(entry, 'logId'))
  const raw = base64(ownMember(publicKey, 'rawBytes'))
  const window = decodeWindow(ownMember(publicKey, 'validFor'))
  if (
    logId === undefined ||
    raw === undefined ||
    window.start === undefined ||
    ownMember(entry, 'hashAlgorithm') !== 'SHA2_256'
  ) {
    throw malformed('expected a log with an id, a key, SHA2_256 as `hashAlgorithm` and a `start` of its validity')
  }
  if (supported === undefined) return undefined
  const key = parsePublicKey(supported.encoding === 'spki' ? raw : spkiOf(raw))
  if (!supported.fits(key)) throw malformed('the key of a log is not of the kind in its `keyDetails`')
  const host = hostOf(ownMember(entry, 'baseUrl'))
  const checkpointKeyId = keyId(ownMember(entry, 'checkpointKeyId'))
  return { logId, key, window, ...(host && { host }), ...(checkpointKeyId && { checkpointKeyId }) }
}

/** Converts PKCS #1 to SubjectPublicKeyInfo. */
function spkiOf(pkcs1: Buffer): Uint8Array {
  try {
    return createPublicKey({ key: pkcs1, format: 'der', type: 'pkcs1' }).export({ format: 'der', type: 'spki' })
  } catch {
    throw malformed('the key of a log is not of the kind in its `keyDetails`')
  }
}

function keyId(value: Json | undefined): string | undefined {
  const bytes = base64(ownMember(value, 'keyId'))
  return bytes === undefined || bytes.length < 4 ? undefined : bytes.toString('hex')
}

function base64(value: Json | undefined): Buffer | undefined {
  return typeof value === 'string' ? decodeCanonicalBase64(value) : undefined
}

function hostOf(baseUrl: Json | undefined): string | undefined {
  return typeof baseUrl === 'string' && URL.canParse(baseUrl) ? new URL(baseUrl).host : undefined
}

function malformed(problem: string): AttestorError {
  return new AttestorError('ATTESTOR_TRUST_UNAVAILABLE', `trusted root: ${problem}`)
}
