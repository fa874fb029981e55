import { base64 } from '../formats/dsse.ts'
import { KEY_DETAILS } from '../formats/log-body.ts'
import type { KeyKind } from '../signing-key.ts'

interface TrustedAuthority {
  readonly uri: string
  /** DER, root last. */
  readonly certificates: readonly Uint8Array[]
}

interface TrustedLog {
  readonly url: string
  readonly logId: Uint8Array
  readonly spki: Uint8Array
  readonly kind: KeyKind
}

export interface TrustedParts {
  readonly authorities: readonly TrustedAuthority[]
  readonly timestampAuthorities: readonly TrustedAuthority[]
  readonly transparencyLogs: readonly TrustedLog[]
  readonly certificateLogs: readonly TrustedLog[]
}

const VALID_FOR = { start: '2020-01-01T00:00:00Z' } as const

/**
 * Formats a `trusted_root.json`.
 *
 * @see https://github.com/sigstore/protobuf-specs, sigstore_trustroot.proto
 */
export function formatTrustedRoot({
  authorities,
  timestampAuthorities,
  transparencyLogs,
  certificateLogs,
}: TrustedParts): string {
  return JSON.stringify(
    {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: transparencyLogs.map(log),
      certificateAuthorities: authorities.map(authority),
      ctlogs: certificateLogs.map(log),
      timestampAuthorities: timestampAuthorities.map(authority),
    },
    undefined,
    2,
  )
}

function authority({ uri, certificates }: TrustedAuthority): object {
  return {
    uri,
    certChain: { certificates: certificates.map((der) => ({ rawBytes: base64(der) })) },
    validFor: VALID_FOR,
  }
}

function log({ url, logId, spki, kind }: TrustedLog): object {
  return {
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(spki), keyDetails: KEY_DETAILS[kind], validFor: VALID_FOR },
    logId: { keyId: base64(logId) },
  }
}
