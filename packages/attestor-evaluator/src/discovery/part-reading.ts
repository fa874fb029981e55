import { CheckError, isJsonObject, type Json } from '@verify-images/primitives'
import { CertificateError } from '@verify-images/x509'
import { MAX_CLAIM_LENGTH, MAX_CLAIMED_ANNOTATIONS } from '../limits.ts'
import type { UnreadablePart } from './claims.ts'

/** Reads an attachment part by part, so that an unreadable part hides no other. */
export class PartReading {
  readonly unreadable: UnreadablePart[] = []

  /** Returns what `read` returns. When it throws, records the part as unreadable and returns `undefined`. */
  part<Value>(part: string, read: () => Value): Value | undefined {
    try {
      return read()
    } catch (error) {
      return this.#addUnreadable(part, error)
    }
  }

  /** Does the same as `part` for what is read in slices. */
  async slicedPart<Value>(part: string, read: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await read()
    } catch (error) {
      return this.#addUnreadable(part, error)
    }
  }

  #addUnreadable(part: string, error: unknown): undefined {
    if (!(error instanceof CheckError) && !(error instanceof CertificateError)) throw error
    this.unreadable.push({ part, code: error.code, message: error.message })
  }

  /** Returns the readable items of a list, each a part of its own. */
  parts<Item, Value>(part: string, items: readonly Item[], read: (item: Item) => Value): readonly Value[] {
    return items.flatMap((item, i) => {
      const value = this.part(items.length === 1 ? part : `${part} ${String(i + 1)}`, () => ({ read: read(item) }))
      return value === undefined ? [] : [value.read]
    })
  }

  /** Reads an optional string. */
  text(part: string, value: Json | undefined): string | undefined {
    return value === undefined ? undefined : this.part(part, () => claimedText(value))
  }
}

/**
 * Requires a string that is short enough to be shown.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function claimedText(value: Json | undefined): string {
  if (typeof value !== 'string') throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'expected a string')
  if (value.length > MAX_CLAIM_LENGTH)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `expected at most ${MAX_CLAIM_LENGTH} characters, got ${value.length}`,
    )
  return value
}

/**
 * Requires an object, and returns its members that are strings.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 */
export function claimedAnnotations(value: Json): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'expected an object')
  const entries = Object.entries(value)
  if (entries.length > MAX_CLAIMED_ANNOTATIONS)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `expected at most ${MAX_CLAIMED_ANNOTATIONS} members, got ${entries.length}`,
    )
  // Verifiers ignore members of other types. `Object.fromEntries` makes a literal `__proto__` a plain name.
  return Object.fromEntries(
    entries.flatMap(([name, text]) => (typeof text === 'string' ? [[claimedText(name), claimedText(text)]] : [])),
  )
}
