import { CertificateError } from './certificate-error.ts'
import type { DerCursor } from './der/cursor.ts'
import { contentOf, openDer } from './der/cursor.ts'
import { TAG, contextTag } from './der/tag.ts'
import type { GeneralName } from './general-name.ts'
import { MAX_CERTIFICATE_BYTES, MAX_LIST_LENGTH } from './limits.ts'
import { isWithin, readSubtreeBase } from './name-subtree.ts'
import type { NameSubtree } from './name-subtree.ts'
import { shown } from './message-text.ts'

/** Which names the certificates below a CA may have. */
export interface NameConstraints {
  readonly permitted: readonly NameSubtree[]
  readonly excluded: readonly NameSubtree[]
  /** Some subtree constrains an unsupported kind of name; a CA with one is rejected. */
  readonly isPartial: boolean
}

/**
 * Reads name constraints over DNS names, e-mail addresses, URIs and IP addresses.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED, CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 5280, 4.2.1.10
 */
export function readNameConstraints(value: Uint8Array): NameConstraints {
  const cursor = openDer(value, 'nameConstraints', { maxBytes: MAX_CERTIFICATE_BYTES }).enter(
    TAG.SEQUENCE,
    'constraints',
  )
  const permitted = readSubtrees(cursor.enterOptional(contextTag(0), 'permitted subtrees'))
  const excluded = readSubtrees(cursor.enterOptional(contextTag(1), 'excluded subtrees'))
  cursor.end()
  if (permitted.length + excluded.length === 0)
    throw new CertificateError('CERTIFICATE_MALFORMED', 'nameConstraints: expected at least one subtree')
  const isKnown = (subtree: NameSubtree | undefined): subtree is NameSubtree => subtree !== undefined
  return {
    permitted: permitted.filter(isKnown),
    excluded: excluded.filter(isKnown),
    isPartial: ![...permitted, ...excluded].every(isKnown),
  }
}

function readSubtrees(cursor: DerCursor | undefined): readonly (NameSubtree | undefined)[] {
  return (cursor?.readAll(TAG.SEQUENCE, 'subtree', MAX_LIST_LENGTH) ?? []).map((element) => {
    const subtree = contentOf(element, 'nameConstraints')
    const base = readSubtreeBase(subtree.next('base'))
    // minimum and maximum: "not used with any name forms".
    subtree.end()
    return base
  })
}

/**
 * Rejects a name that a CA above is not allowed to certify.
 *
 * A name of a kind without constraints is allowed; a constrained name that cannot be parsed is not.
 *
 * @throws CertificateError CERTIFICATE_NAME_NOT_PERMITTED
 * @see RFC 5280, 6.1.3 (b), (c)
 */
export function checkNames(names: readonly GeneralName[], constraints: NameConstraints): void {
  for (const name of names) {
    if (name.kind !== 'dns' && name.kind !== 'email' && name.kind !== 'uri' && name.kind !== 'ip') continue
    const excludedBy = constraints.excluded.find(
      (subtree) => subtree.kind === name.kind && isWithin(name, subtree, 'excluded'),
    )
    if (excludedBy)
      throw notPermitted(`${name.kind} name \`${shown(name.text)}\` is excluded by \`${shown(excludedBy.text)}\``)
    const permitted = constraints.permitted.filter((subtree) => subtree.kind === name.kind)
    if (permitted.length > 0 && !permitted.some((subtree) => isWithin(name, subtree, 'permitted'))) {
      throw notPermitted(`${name.kind} name \`${shown(name.text)}\` is in none of the permitted subtrees`)
    }
  }
}

function notPermitted(problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_NAME_NOT_PERMITTED', `name constraints: ${problem}`)
}
