import { CheckError } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'
import { isSubset, parseNameAttributes, subjectAttributes } from './distinguished-name.ts'
import type { NameAttributes } from './distinguished-name.ts'

/** Who may sign. `other` is a kind that only plugins support: it never matches. */
export type TrustedIdentity =
  | { readonly kind: 'anyone'; readonly text: '*' }
  | { readonly kind: 'subject'; readonly text: string; readonly attributes: NameAttributes }
  | { readonly kind: 'other'; readonly text: string }

/**
 * Parses one trusted identity of a trust policy, or returns what is wrong with it.
 *
 * @see Notary Project, trust store and trust policy: Trusted Identities Constraints
 */
export function parseTrustedIdentity(text: string): TrustedIdentity | { readonly problem: string } {
  if (text === '*') return { kind: 'anyone', text }
  const colon = text.indexOf(':')
  if (colon < 1) return { problem: 'expected `*` or `kind:value`' }
  if (text.slice(0, colon) !== 'x509.subject') return { kind: 'other', text }
  const attributes = parseNameAttributes(text.slice(colon + 1))
  return 'problem' in attributes ? attributes : { kind: 'subject', text, attributes }
}

/** Returns whether one identity includes another, so that the narrower one has no effect. */
export function overlaps(wide: TrustedIdentity, narrow: TrustedIdentity): boolean {
  return wide.kind === 'subject' && narrow.kind === 'subject' && isSubset(wide.attributes, narrow.attributes)
}

/**
 * Returns the trusted identity that the signer matches.
 *
 * @throws CheckError ATTESTOR_IDENTITY_MISMATCH
 */
export function matchIdentity(
  signer: Certificate,
  identities: readonly TrustedIdentity[],
  statementName: string,
): TrustedIdentity {
  const anyone = identities.find(({ kind }) => kind === 'anyone')
  if (anyone) return anyone
  const attributes = subjectAttributes(signer)
  const matched =
    'problem' in attributes
      ? undefined
      : identities.find((identity) => identity.kind === 'subject' && isSubset(identity.attributes, attributes))
  if (matched) return matched
  throw new CheckError(
    'ATTESTOR_IDENTITY_MISMATCH',
    `the signer matches no trusted identity${'problem' in attributes ? `: its subject cannot be compared: ${attributes.problem}` : ''}`,
    {
      expected: identities
        .map(({ text }) => text)
        .join('; ')
        .slice(0, 500),
      actual: signer.subject.text,
      detail: { kind: 'notary-identity-mismatch', trustPolicy: statementName },
    },
  )
}
