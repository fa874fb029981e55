import { CheckError, type DifferenceRow } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'
import { matchWildcard } from '@verify-images/primitives'
import { AttestorError, upstreamTextOf } from '../attestor-error.ts'
import type { IdentityRequirement } from '../attestor-options.ts'
import { claimOid, issuerClaim, plainClaim } from './certificate-claims.ts'
import { compileRegularExpression, type RegularExpression } from './regular-expression.ts'
import { identityNames, mistypedUsernames, subjectNames } from './certificate-names.ts'

/** Whether a requirement asks for anything at all. */
export function asksForIdentity(requirement: IdentityRequirement): boolean {
  const { subject, subjectRegExp, issuer, issuerRegExp, additionalExtensions } = requirement
  return (
    [subject, subjectRegExp, issuer, issuerRegExp].some((field) => field !== undefined) ||
    Object.keys(additionalExtensions).length > 0
  )
}

/**
 * Holds one certificate against everything a policy says about the signer.
 *
 * Every stated field must hold, and `subject` and `subjectRegExp` on the same name. Kyverno takes either of the two, and
 * takes a certificate without names for a match; a name counts only in the forms in which Fulcio certifies identities.
 *
 * @throws AttestorError ATTESTOR_IDENTITY_MISMATCH; ATTESTOR_POLICY_INVALID for a pattern that does not compile
 */
export function matchIdentity(requirement: IdentityRequirement, certificate: Certificate): void {
  if (!asksForIdentity(requirement)) return
  matchSubject(requirement, certificate)
  matchIssuer(requirement, certificate)
  for (const [name, pattern] of Object.entries(requirement.additionalExtensions)) {
    const oid = claimOid(name)
    if (oid === undefined) {
      throw new AttestorError(
        'ATTESTOR_POLICY_INVALID',
        `\`${name.slice(0, 80)}\` is not a certificate extension that can be asked for`,
        {
          upstreamText: `invalid certificate extension ${name}`,
        },
      )
    }
    const value = plainClaim(certificate, oid)
    if (!matchWildcard(pattern, value))
      throw mismatch(`extension mismatch: expected ${pattern} for key ${name}, received ${value}`, pattern, value)
  }
}

function matchSubject({ subject, subjectRegExp }: IdentityRequirement, certificate: Certificate): void {
  if (subject === undefined && subjectRegExp === undefined) return
  const expression = subjectRegExp === undefined ? undefined : compileFor('subject', subjectRegExp)
  const matches = (name: string): boolean =>
    (subject === undefined || matchWildcard(subject, name)) && (expression === undefined || expression.matches(name))
  if (identityNames(certificate).some(({ text }) => matches(text))) return

  const all = subjectNames(certificate)
  const text = `subject mismatch: expected ${subject ?? subjectRegExp ?? ''}, received ${all.join(', ')}`
  throw mismatch(
    text,
    [subject, subjectRegExp].filter((field) => field !== undefined).join(' and '),
    all.join(', '),
    strictRow(),
  )

  function strictRow(): DifferenceRow | undefined {
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

function matchIssuer({ issuer, issuerRegExp }: IdentityRequirement, certificate: Certificate): void {
  const value = issuerClaim(certificate)
  if (issuer !== undefined && !matchWildcard(issuer, value))
    throw mismatch(`issuer mismatch: expected ${issuer}, received ${value}`, issuer, value)
  if (issuerRegExp !== undefined && !compileFor('issuer', issuerRegExp).matches(value)) {
    throw mismatch(`issuer mismatch: expected ${issuerRegExp}, received ${value}`, issuerRegExp, value)
  }
}

function compileFor(field: 'subject' | 'issuer', pattern: string): RegularExpression {
  try {
    return compileRegularExpression(pattern)
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    throw new AttestorError(error.code, error.message, {
      ...error.details,
      upstreamText: `invalid regexp for ${field}: ${pattern} : ${upstreamTextOf(error)}`,
    })
  }
}

function mismatch(upstreamText: string, expected: string, found: string, difference?: DifferenceRow): AttestorError {
  return new AttestorError('ATTESTOR_IDENTITY_MISMATCH', 'the signer is not the one the policy names', {
    upstreamText,
    expected,
    actual: found,
    ...(difference !== undefined && { difference }),
  })
}
