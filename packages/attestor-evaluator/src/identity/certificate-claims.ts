import { CheckError } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'

const arc = '1.3.6.1.4.1.57264.1.'

/** Fulcio's first extensions, whose values are raw bytes of text. A policy can require them by name or by OID. */
const plainClaims: ReadonlyMap<string, string> = new Map([
  [`${arc}1`, 'oidcIssuer'],
  [`${arc}2`, 'githubWorkflowTrigger'],
  [`${arc}3`, 'githubWorkflowSha'],
  [`${arc}4`, 'githubWorkflowName'],
  [`${arc}5`, 'githubWorkflowRepository'],
  [`${arc}6`, 'githubWorkflowRef'],
])

/** Fulcio's later extensions, whose values are DER UTF8Strings. */
const derClaims: ReadonlyMap<string, string> = new Map([
  [`${arc}8`, 'oidcIssuer'],
  [`${arc}9`, 'buildSignerUri'],
  [`${arc}10`, 'buildSignerDigest'],
  [`${arc}11`, 'runnerEnvironment'],
  [`${arc}12`, 'sourceRepositoryUri'],
  [`${arc}13`, 'sourceRepositoryDigest'],
  [`${arc}14`, 'sourceRepositoryRef'],
  [`${arc}15`, 'sourceRepositoryIdentifier'],
  [`${arc}16`, 'sourceRepositoryOwnerUri'],
  [`${arc}17`, 'sourceRepositoryOwnerIdentifier'],
  [`${arc}18`, 'buildConfigUri'],
  [`${arc}19`, 'buildConfigDigest'],
  [`${arc}20`, 'buildTrigger'],
  [`${arc}21`, 'runInvocationUri'],
  [`${arc}22`, 'sourceRepositoryVisibilityAtSigning'],
])

/** Returns the OID for a name in `additionalExtensions`; `undefined` when Kyverno knows no such extension. */
export function claimOid(name: string): string | undefined {
  if (plainClaims.has(name)) return name
  return [...plainClaims].find(([, known]) => known === name)?.[0]
}

/** Returns the value of one of the first extensions. A missing one is empty: Kyverno does not distinguish the two. */
export function plainClaim(certificate: Certificate, oid: string): string {
  const extension = certificate.extensions.get(oid)
  return extension === undefined ? '' : (utf8(extension.value) ?? '')
}

/**
 * Returns the OIDC issuer from the old extension, which is the one Kyverno reads.
 *
 * @throws CheckError ATTESTOR_IDENTITY_MISMATCH when the new extension has another value or is not a UTF8String: two
 *   verifiers would read two different identities from such a certificate
 */
export function issuerClaim(certificate: Certificate): string {
  const old = certificate.extensions.get(`${arc}1`)
  const issuer = plainClaim(certificate, `${arc}1`)
  const renewed = certificate.extensions.get(`${arc}8`)
  if (
    renewed !== undefined &&
    (derText(renewed.value) === undefined || (old !== undefined && derText(renewed.value) !== issuer))
  ) {
    throw new CheckError(
      'ATTESTOR_IDENTITY_MISMATCH',
      'the two issuer extensions of the certificate contradict each other',
      {
        actual: issuer,
        difference: 'crt-issuer-oid-conflict',
      },
    )
  }
  return issuer
}

/** Returns all claims by name, for evidence. Unreadable ones are omitted. */
export function readClaims(certificate: Certificate): Readonly<Record<string, string>> {
  const claims = new Map<string, string>()
  for (const [table, read] of [
    [derClaims, derText],
    [plainClaims, utf8],
  ] as const) {
    for (const [oid, name] of table) {
      const extension = certificate.extensions.get(oid)
      const text = extension && read(extension.value)
      if (text !== undefined) claims.set(name, text)
    }
  }
  return Object.fromEntries(claims)
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Decodes one DER UTF8String that is the whole value. */
function derText(bytes: Uint8Array): string | undefined {
  const [tag, first = 0, second = 0, third = 0] = bytes
  const [header, length] =
    first < 0x80 ? [2, first] : first === 0x81 ? [3, second] : first === 0x82 ? [4, second * 256 + third] : [0, -1]
  const shortest = first < 0x80 || (first === 0x81 ? length >= 0x80 : length > 0xff)
  if (tag !== 0x0c || header === 0 || !shortest || bytes.length !== header + length) return undefined
  return utf8(bytes.subarray(header))
}
