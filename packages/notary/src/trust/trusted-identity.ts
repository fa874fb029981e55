import { AttestorError } from '@verify-images/attestor-evaluator'
import type { Certificate } from '@verify-images/x509'
import { isSubset, parseNameAttributes, subjectAttributes } from './distinguished-name.ts'
import type { NameAttributes } from './distinguished-name.ts'

/** Who may have signed. `other` is of a kind that only plugins know: it never matches. */
export type TrustedIdentity =
  | { readonly kind: 'anyone'; readonly text: '*' }
  | { readonly kind: 'subject'; readonly text: string; readonly attributes: NameAttributes }
  | { readonly kind: 'other'; readonly text: string }

/**
 * Reads one trusted identity of a trust policy, or says what is wrong with it.
 *
 * @see Notary Project, trust store and trust policy: Trusted Identities Constraints
 */
export function parseTrustedIdentity(text: string): TrustedIdentity | { readonly problem: string } {
  if (text === '*') return { kind: 'anyone', text }
  const colon = text.indexOf(':')
  if (colon < 1) return { problem: 'an identity is `*` or `kind:value`' }
  if (text.slice(0, colon) !== 'x509.subject') return { kind: 'other', text }
  const attributes = parseNameAttributes(text.slice(colon + 1))
  return attributes instanceof Map
    ? { kind: 'subject', text, attributes }
    : (attributes as { readonly problem: string })
}

/** Whether one identity is part of another, so that the narrower one has no effect. */
export function overlaps(wide: TrustedIdentity, narrow: TrustedIdentity): boolean {
  return wide.kind === 'subject' && narrow.kind === 'subject' && isSubset(wide.attributes, narrow.attributes)
}

/**
 * The trusted identity that a signer is.
 *
 * @throws AttestorError ATTESTOR_IDENTITY_MISMATCH
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
    attributes instanceof Map
      ? identities.find((identity) => identity.kind === 'subject' && isSubset(identity.attributes, attributes))
      : undefined
  if (matched) return matched
  throw new AttestorError(
    'ATTESTOR_IDENTITY_MISMATCH',
    `the signer is none of the trusted identities${'problem' in attributes ? `: its subject cannot be compared, ${attributes.problem}` : ''}`,
    {
      expected: identities
        .map(({ text }) => text)
        .join('; ')
        .slice(0, 500),
      actual: signer.subject.text,
      upstreamText: `signing certificate from the digital signature does not match the X.509 trusted identities defined in the trust policy ${JSON.stringify(statementName)}`,
    },
  )
}
