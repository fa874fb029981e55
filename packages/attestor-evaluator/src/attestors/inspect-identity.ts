import { CheckError } from '@verify-images/primitives'
import type { IdentityRequirement } from '../attestor-options.ts'
import { claimOid } from '../identity/certificate-claims.ts'
import { compileRegularExpression, isAnchored } from '../identity/regular-expression.ts'
import { isLiteral, type Report } from './finding.ts'

/**
 * Patterns that do not compile or mean something else than they seem to, and claims that do not exist.
 *
 * @param isLiteralType whether the type of signature compares `subject` and `issuer` literally
 */
export function inspectIdentity(
  identity: IdentityRequirement,
  path: string,
  report: Report,
  isLiteralType: boolean,
): void {
  for (const field of ['subject', 'issuer'] as const) {
    const name = field === 'subject' ? 'subjectRegExp' : 'issuerRegExp'
    const exact = identity[field]
    if (isLiteralType && isLiteral(exact) && /[*?]/.test(exact))
      report(
        'warning',
        'ATTESTOR_PATTERN_LITERAL',
        `${path}.${field}`,
        `\`*\` and \`?\` are no wildcards with type SigstoreBundle: use \`${name}\``,
      )
    else if (exact === '*')
      report('warning', 'ATTESTOR_IDENTITY_OPEN', `${path}.${field}`, `\`*\` means any ${field}, that is anyone`)
    if (identity[field] === undefined && identity[name] === undefined) {
      report('warning', 'ATTESTOR_IDENTITY_OPEN', path, `no ${field} is named, so any will do`)
    }
    const pattern = identity[name]
    if (isLiteral(pattern)) inspectPattern(pattern, field, `${path}.${name}`, report)
  }
  for (const extension of Object.keys(identity.additionalExtensions)) {
    if (isLiteral(extension) && claimOid(extension) === undefined) {
      report(
        'problem',
        'ATTESTOR_POLICY_INVALID',
        `${path}.additionalExtensions`,
        `unknown certificate extension \`${extension.slice(0, 80)}\``,
      )
    }
  }
}

function inspectPattern(pattern: string, field: 'subject' | 'issuer', path: string, report: Report): void {
  try {
    compileRegularExpression(pattern, field)
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    report('problem', error.code, path, error.message)
    return
  }
  if (!isAnchored(pattern))
    report(
      'warning',
      'ATTESTOR_PATTERN_UNANCHORED',
      path,
      'expected a pattern between `^` and `$`; without both it also matches longer identities',
    )
}
