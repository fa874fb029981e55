import { CheckError, type DifferenceRow, matchWildcard } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'
import type { IdentityRequirement } from '../attestor-options.ts'
import { claimOid, issuerClaim, plainClaim } from './certificate-claims.ts'
import { identityNames, mistypedUsernames, subjectNames } from './certificate-names.ts'
import { compileRegularExpression } from './regular-expression.ts'

/** Tells whether a requirement requires anything at all. */
function asksForIdentity(requirement: IdentityRequirement): boolean {
  const { subject, subjectRegExp, issuer, issuerRegExp, additionalExtensions } = requirement
  return (
    [subject, subjectRegExp, issuer, issuerRegExp].some((field) => field !== undefined) ||
    Object.keys(additionalExtensions).length > 0
  )
}

/**
 * Requires that one certificate matches everything a policy says about the signer.
 *
 * Every field must match, and `subject` and `subjectRegExp` must match the same name. Kyverno accepts either of the
 * two, and accepts a certificate without names; a name counts only in the forms in which Fulcio certifies identities.
 *
 * @throws CheckError ATTESTOR_IDENTITY_MISMATCH; ATTESTOR_POLICY_INVALID for a pattern that does not compile
 */
export function requireCertificateIdentity(requirement: IdentityRequirement, certificate: Certificate): void {
  if (!asksForIdentity(requirement)) return
  requireSubject(requirement, certificate)
  requireIssuer(requirement, certificate)
  for (const [name, pattern] of Object.entries(requirement.additionalExtensions)) {
    const actual = plainClaim(certificate, requireClaimOid(name))
    if (matchWildcard(pattern, actual)) continue
    throw new CheckError('ATTESTOR_IDENTITY_MISMATCH', `extension \`${name}\` of the certificate does not match`, {
      expected: pattern,
      actual,
      detail: { kind: 'attestor-extension-mismatch', name, expected: pattern, actual },
    })
  }
}

/**
 * Returns the OID of an extension in `additionalExtensions`.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID for an extension that Kyverno does not know
 */
export function requireClaimOid(name: string, difference?: DifferenceRow): string {
  const oid = claimOid(name)
  if (oid !== undefined) return oid
  throw new CheckError('ATTESTOR_POLICY_INVALID', `unknown certificate extension \`${name.slice(0, 80)}\``, {
    detail: { kind: 'attestor-extension-unknown', name },
    ...(difference !== undefined && { difference }),
  })
}

function requireSubject({ subject, subjectRegExp }: IdentityRequirement, certificate: Certificate): void {
  if (subject === undefined && subjectRegExp === undefined) return
  const expression = subjectRegExp === undefined ? undefined : compileRegularExpression(subjectRegExp, 'subject')
  const matches = (name: string): boolean =>
    (subject === undefined || matchWildcard(subject, name)) && (expression === undefined || expression.matches(name))
  if (identityNames(certificate).some(({ text }) => matches(text))) return

  const all = subjectNames(certificate)
  const difference = differenceRow()
  const actual = all.join(', ')
  throw new CheckError('ATTESTOR_IDENTITY_MISMATCH', 'the subject of the certificate does not match', {
    expected: [subject, subjectRegExp].filter((field) => field !== undefined).join(' and '),
    actual,
    detail: {
      kind: 'attestor-identity-mismatch',
      field: 'subject',
      expected: subject ?? subjectRegExp ?? '',
      actual,
    },
    ...(difference !== undefined && { difference }),
  })

  function differenceRow(): DifferenceRow | undefined {
    if (all.length === 0) return 'S9'
    if (
      subject !== undefined &&
      expression !== undefined &&
      all.some((name) => matchWildcard(subject, name) || expression.matches(name))
    )
      return 'S10'
    if (mistypedUsernames(certificate).some(matches)) return 'crt-name-string-type'
    return all.some(matches) ? 'crt-san-type-confusion' : undefined
  }
}

function requireIssuer({ issuer, issuerRegExp }: IdentityRequirement, certificate: Certificate): void {
  const actual = issuerClaim(certificate)
  if (issuer !== undefined && !matchWildcard(issuer, actual)) throw issuerMismatch(issuer, actual)
  if (issuerRegExp !== undefined && !compileRegularExpression(issuerRegExp, 'issuer').matches(actual))
    throw issuerMismatch(issuerRegExp, actual)
}

function issuerMismatch(expected: string, actual: string): CheckError {
  return new CheckError('ATTESTOR_IDENTITY_MISMATCH', 'the issuer of the identity does not match', {
    expected,
    actual,
    detail: { kind: 'attestor-identity-mismatch', field: 'issuer', expected, actual },
  })
}
