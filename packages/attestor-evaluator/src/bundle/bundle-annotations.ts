import { AttestorError } from '../attestor-error.ts'
import type { Statement } from '../cosign/statement.ts'
import type { Digest } from '../ports.ts'
import { subjectAnnotations } from './statement.ts'

/**
 * The annotations a bundle's statement makes about this image, once they hold every required one.
 *
 * A message signature makes none. Upstream does not look at annotations of bundles at all.
 *
 * @throws AttestorError ATTESTOR_ANNOTATION_MISMATCH
 */
export function requireAnnotations(
  required: ReadonlyMap<string, string>,
  statement: Statement | undefined,
  digest: Digest,
): ReadonlyMap<string, string> {
  const signed = statement === undefined ? new Map<string, string>() : subjectAnnotations(statement, digest)
  for (const [name, value] of required) {
    if (signed.get(name) === value) continue
    throw new AttestorError(
      'ATTESTOR_ANNOTATION_MISMATCH',
      `the statement does not annotate the image with the required \`${name.slice(0, 80)}\``,
      {
        expected: value,
        actual: signed.get(name) ?? '',
        difference: 'S29',
      },
    )
  }
  return signed
}
