import { isJsonObject, type Json, ownMember } from './json.ts'
import { parseVerifiedPayload } from './parse-document.ts'

/** Which part of a payload conditions are about: the predicate of a statement, or the whole payload. */
export type PredicatePart = 'predicate' | 'whole'

/**
 * A predicate that stays as bytes because parsing it would block the event loop. It has been parsed once, elsewhere, by
 * the same rules as any other payload, and is parsed again where conditions over it are evaluated.
 */
export class HeldPredicate {
  /** The verified payload, in memory that is shared with workers instead of copied; never written to. */
  readonly payload: Uint8Array
  readonly part: PredicatePart
  /** Differs for predicates that differ; those in equal payloads have the same. */
  readonly fingerprint: string
  readonly isObject: boolean

  constructor(
    payload: Uint8Array,
    { part, fingerprint, isObject }: Pick<HeldPredicate, 'part' | 'fingerprint' | 'isObject'>,
  ) {
    this.payload = payload
    this.part = part
    this.fingerprint = fingerprint
    this.isObject = isObject
  }
}

/** A predicate in memory, or one that is held as bytes. */
export type Predicate = Json | HeldPredicate

export interface VerifiedPayload {
  /** The payload; in place of a held predicate that is an object it has an empty one. */
  readonly document: Json
  readonly predicate: Predicate
}

/** Parses verified payloads, the large ones without blocking the event loop. */
export interface PayloadReader {
  /**
   * @param what names the payload in messages
   * @throws CheckError ATTESTOR_PAYLOAD_INVALID; ATTESTOR_BUDGET_EXCEEDED
   */
  read(payload: Uint8Array, part: PredicatePart, what: string): Promise<VerifiedPayload>
}

/** Returns the predicate of a payload that has been parsed; an absent one is null. */
export function predicateOf(document: Json, part: PredicatePart): Json {
  return part === 'whole' ? document : (ownMember(document, 'predicate') ?? null)
}

/** Reads every payload here. */
export const payloadsInMemory: PayloadReader = {
  read(payload, part, what) {
    // Rejects for a payload that is not JSON, as other readers do.
    return new Promise((resolve) => {
      const document = parseVerifiedPayload(payload, what)
      resolve({ document, predicate: predicateOf(document, part) })
    })
  },
}

/** Returns whether a predicate is a JSON object, wherever it is. */
export function isPredicateObject(predicate: Predicate): boolean {
  return predicate instanceof HeldPredicate ? predicate.isObject : isJsonObject(predicate)
}
