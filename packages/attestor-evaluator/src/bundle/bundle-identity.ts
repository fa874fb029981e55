import { CheckError, type DifferenceRow } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'
import { matchWildcard } from '@verify-images/primitives'
import { AttestorError, upstreamTextOf } from '../attestor-error.ts'
import type { IdentityRequirement } from '../attestor-options.ts'
import { claimOid, issuerClaim, plainClaim, readClaims } from '../identity/certificate-claims.ts'
import { identityNames, mistypedUsernames } from '../identity/certificate-names.ts'
import { compileRegularExpression, type RegularExpression } from '../identity/regular-expression.ts'

/** Who has to have signed a bundle, its patterns compiled. */
export interface BundleIdentity {
  readonly issuer: TextRequirement
  readonly subject: TextRequirement
  /** By number of the claim; values are wildcards, as in the older format. */
  readonly claims: ReadonlyMap<string, string>
}

interface TextRequirement {
  readonly exact?: string
  readonly expression?: RegularExpression
}

/**
 * Reads the identity of a keyless attestor. Exact values are compared literally here: a `*` is a star.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID unless both issuer and subject are stated: upstream then passes nothing
 */
export function readBundleIdentity(requirement: IdentityRequirement, image: string): BundleIdentity {
  const issuer = textRequirement(requirement.issuer, requirement.issuerRegExp, image)
  const subject = textRequirement(requirement.subject, requirement.subjectRegExp, image)
  if (issuer === undefined || subject === undefined) {
    throw new AttestorError('ATTESTOR_POLICY_INVALID', 'bundles need both an issuer and a subject in the policy', {
      upstreamText: 'sigstore bundle verification failed: no matching signatures found',
    })
  }
  const claims = Object.entries(requirement.additionalExtensions).map(([name, pattern]) => {
    const oid = claimOid(name)
    if (oid !== undefined) return [oid, pattern] as const
    throw new AttestorError(
      'ATTESTOR_POLICY_INVALID',
      `\`${name.slice(0, 80)}\` is not a certificate extension that can be asked for`,
      {
        upstreamText: `invalid certificate extension ${name}`,
        difference: 'S29',
      },
    )
  })
  return { issuer, subject, claims: new Map(claims) }
}

/**
 * Holds a verified certificate against the identity. All that is stated must hold on this one certificate.
 *
 * Upstream looks at the first name of the certificate: of its URIs, else of its e-mail addresses, else Fulcio's own kind.
 * Here all names of that kind must fit, so that their order says nothing.
 *
 * @throws AttestorError ATTESTOR_IDENTITY_MISMATCH
 */
export function matchBundleIdentity(identity: BundleIdentity, certificate: Certificate): void {
  const issuer = issuerOf(certificate)
  if (!fits(identity.issuer, issuer)) throw mismatch('issuer', issuer, identity.issuer.exact)
  matchSubject(identity.subject, certificate)
  for (const [oid, pattern] of identity.claims) {
    const value = plainClaim(certificate, oid)
    if (!matchWildcard(pattern, value)) throw mismatch(`extension ${oid}`, value, pattern, 'S29')
  }
}

function matchSubject(requirement: TextRequirement, certificate: Certificate): void {
  const names = identityNames(certificate)
  const texts = (['uri', 'email', 'other'] as const)
    .map((kind) => names.filter((name) => name.kind === kind).map(({ text }) => text))
    .find((ofKind) => ofKind.length > 0)
  if (texts?.every((text) => fits(requirement, text))) return
  // sigstore-go reads a user name in any string type, and only in a certificate without URI and e-mail address.
  const acceptedByKyverno =
    texts === undefined && mistypedUsernames(certificate).some((text) => fits(requirement, text))
  throw mismatch(
    'subject',
    (texts ?? []).join(', '),
    requirement.exact,
    acceptedByKyverno ? 'crt-name-string-type' : undefined,
  )
}

/** The issuer in either form of the extension; two that disagree are refused. */
function issuerOf(certificate: Certificate): string {
  const old = issuerClaim(certificate)
  return old === '' ? (readClaims(certificate)['oidcIssuer'] ?? '') : old
}

function fits({ exact, expression }: TextRequirement, text: string): boolean {
  return (
    text !== '' && (exact === undefined || exact === text) && (expression === undefined || expression.matches(text))
  )
}

function textRequirement(
  exact: string | undefined,
  pattern: string | undefined,
  image: string,
): TextRequirement | undefined {
  if (exact === undefined && pattern === undefined) return undefined
  return {
    ...(exact !== undefined && { exact }),
    ...(pattern !== undefined && { expression: compile(pattern, image) }),
  }
}

function compile(pattern: string, image: string): RegularExpression {
  try {
    return compileRegularExpression(pattern)
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    throw new AttestorError(error.code, error.message, {
      ...error.details,
      upstreamText: `failed to build policy: ${image}: ${upstreamTextOf(error)}`,
    })
  }
}

function mismatch(
  what: string,
  found: string,
  expected: string | undefined,
  difference?: DifferenceRow,
): AttestorError {
  return new AttestorError(
    'ATTESTOR_IDENTITY_MISMATCH',
    `the ${what} of the certificate is not the one the policy names`,
    {
      actual: found,
      ...(expected !== undefined && { expected }),
      ...(difference !== undefined && { difference }),
    },
  )
}
