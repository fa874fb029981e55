import type { Json } from '@verify-images/policy-parser'
import { CertificateError } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import { MAX_CLAIM_LENGTH, MAX_CLAIMED_ANNOTATIONS } from '../limits.ts'
import { isJsonObject } from '../strict-json.ts'
import type { UnreadablePart } from './claims.ts'

/** Reads an attachment part by part, so that one that cannot be read hides no other. */
export class PartReading {
  readonly unreadable: UnreadablePart[] = []

  /** What `read` returns, or nothing when it refuses; then the part is noted. */
  part<Value>(part: string, read: () => Value): Value | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof AttestorError) && !(error instanceof CertificateError)) throw error
      this.unreadable.push({ part, code: error.code, message: error.message })
      return undefined
    }
  }

  /** Those of a list that can be read, each a part of its own. */
  parts<Item, Value>(part: string, items: readonly Item[], read: (item: Item) => Value): readonly Value[] {
    return items.flatMap((item, i) => {
      const value = this.part(items.length === 1 ? part : `${part} ${String(i + 1)}`, () => ({ read: read(item) }))
      return value === undefined ? [] : [value.read]
    })
  }

  /** A text that may be missing. */
  text(part: string, value: Json | undefined): string | undefined {
    return value === undefined ? undefined : this.part(part, () => claimedText(value))
  }
}

/**
 * A text that is short enough to be shown.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function claimedText(value: Json | undefined): string {
  if (typeof value !== 'string') throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'it is missing, or no text')
  if (value.length > MAX_CLAIM_LENGTH)
    throw new AttestorError('ATTESTOR_LIMIT_EXCEEDED', `it has more than ${MAX_CLAIM_LENGTH} characters`)
  return value
}

/**
 * Texts by name.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function claimedAnnotations(value: Json): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'they are no object')
  const entries = Object.entries(value)
  if (entries.length > MAX_CLAIMED_ANNOTATIONS)
    throw new AttestorError('ATTESTOR_LIMIT_EXCEEDED', `there are more than ${MAX_CLAIMED_ANNOTATIONS}`)
  // Verifiers look only at those that are text. A literal `__proto__` stays a plain name.
  return Object.fromEntries(
    entries.flatMap(([name, text]) => (typeof text === 'string' ? [[claimedText(name), claimedText(text)]] : [])),
  )
}
