import { CheckError, type DifferenceRow, matchWildcard } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'
import type { IdentityRequirement } from '../attestor-options.ts'
import { issuerClaim, plainClaim, readClaims } from '../identity/certificate-claims.ts'
import { identityNames, mistypedUsernames } from '../identity/certificate-names.ts'
import { requireClaimOid } from '../identity/match-identity.ts'
import { compileRegularExpression, type RegularExpression } from '../identity/regular-expression.ts'

/** The identity that must have signed a bundle, its patterns compiled. */
export interface BundleIdentity {
  readonly issuer: FieldRequirement
  readonly subject: FieldRequirement
  /** Wildcard patterns by OID, as in the older format. */
  readonly claims: ReadonlyMap<string, string>
}

interface FieldRequirement {
  readonly exact?: string
  readonly expression?: RegularExpression
}

/**
 * Compiles the identity of a keyless attestor. Exact values are compared literally here: `*` is not a wildcard.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID without both an issuer and a subject: Kyverno then passes nothing
 */
export function compileBundleIdentity(requirement: IdentityRequirement): BundleIdentity {
  const issuer = compileField('issuer', requirement.issuer, requirement.issuerRegExp)
  const subject = compileField('subject', requirement.subject, requirement.subjectRegExp)
  if (issuer === undefined || subject === undefined)
    throw new CheckError('ATTESTOR_POLICY_INVALID', 'bundles need both an issuer and a subject in the policy', {
      detail: { kind: 'attestor-unusable-for-bundles' },
    })
  const claims = Object.entries(requirement.additionalExtensions).map(
    ([name, pattern]) => [requireClaimOid(name, 'S29'), pattern] as const,
  )
  return { issuer, subject, claims: new Map(claims) }
}

/**
 * Requires that one certificate matches everything a policy says about the signer.
 *
 * Kyverno reads the first name of the certificate: of its URIs, else of its e-mail addresses, else Fulcio's user name.
 * Here all names of that kind must match, so that their order does not matter.
 *
 * @throws CheckError ATTESTOR_IDENTITY_MISMATCH
 */
export function requireBundleIdentity(identity: BundleIdentity, certificate: Certificate): void {
  const issuer = issuerOf(certificate)
  if (!matches(identity.issuer, issuer)) throw mismatch('issuer', issuer, identity.issuer.exact)
  requireSubject(identity.subject, certificate)
  for (const [oid, pattern] of identity.claims) {
    const value = plainClaim(certificate, oid)
    if (!matchWildcard(pattern, value)) throw mismatch(`extension ${oid}`, value, pattern, 'S29')
  }
}

function requireSubject(requirement: FieldRequirement, certificate: Certificate): void {
  const names = identityNames(certificate)
  const texts = (['uri', 'email', 'other'] as const)
    .map((kind) => names.filter((name) => name.kind === kind).map(({ text }) => text))
    .find((ofKind) => ofKind.length > 0)
  if (texts?.every((text) => matches(requirement, text))) return
  // sigstore-go reads a user name in any string type, and only in a certificate without URI and e-mail address.
  const acceptedByKyverno =
    texts === undefined && mistypedUsernames(certificate).some((text) => matches(requirement, text))
  throw mismatch(
    'subject',
    (texts ?? []).join(', '),
    requirement.exact,
    acceptedByKyverno ? 'crt-name-string-type' : undefined,
  )
}

/** Returns the issuer from either of its two extensions; two that contradict each other are refused. */
function issuerOf(certificate: Certificate): string {
  const old = issuerClaim(certificate)
  return old === '' ? (readClaims(certificate)['oidcIssuer'] ?? '') : old
}

function matches({ exact, expression }: FieldRequirement, text: string): boolean {
  return (
    text !== '' && (exact === undefined || exact === text) && (expression === undefined || expression.matches(text))
  )
}

function compileField(
  field: 'subject' | 'issuer',
  exact: string | undefined,
  pattern: string | undefined,
): FieldRequirement | undefined {
  if (exact === undefined && pattern === undefined) return undefined
  return {
    ...(exact !== undefined && { exact }),
    ...(pattern !== undefined && { expression: compileRegularExpression(pattern, field) }),
  }
}

function mismatch(what: string, actual: string, expected: string | undefined, difference?: DifferenceRow): CheckError {
  return new CheckError('ATTESTOR_IDENTITY_MISMATCH', `the ${what} of the certificate does not match`, {
    actual,
    ...(expected !== undefined && { expected }),
    ...(difference !== undefined && { difference }),
  })
}
