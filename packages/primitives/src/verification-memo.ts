/**
 * Remembers what has been verified in one evaluation, so that each signature costs one verification however often it is
 * asked for.
 */
export interface VerificationMemo {
  /**
   * Returns the result or throws the error that `make` had the first time this key was asked for.
   *
   * The key names everything the result depends on, apart from what is one in an evaluation: its clock, its trust root,
   * its keys and its revocation checker.
   */
  once<T>(key: string, make: () => T): T
  /**
   * The same for a result that depends on nothing but the key, such as that of a public-key operation over bytes. It
   * may be remembered by later evaluations, of other policies and at other times. A failure is not: it may be that of
   * one evaluation, such as its deadline.
   *
   * @param bytes what the result takes in memory
   */
  always<T>(key: string, bytes: number, make: () => Promise<T>): Promise<T>
}

/** Results that outlive evaluations. */
export interface RememberedResults {
  get(key: string): { readonly value: unknown } | undefined
  set(key: string, result: { readonly value: unknown }, bytes: number): void
}

/**
 * Creates an empty memo, for one evaluation.
 *
 * @param remembered where results are kept for later evaluations
 */
export function createVerificationMemo(remembered?: RememberedResults): VerificationMemo {
  const results = new Map<string, { readonly value: unknown } | { readonly thrown: unknown }>()
  const memo: VerificationMemo = {
    once<T>(key: string, make: () => T): T {
      const known = results.get(key)
      if (known !== undefined) {
        if ('thrown' in known) throw known.thrown
        // The caller that made the value under this key gave it this type.
        return known.value as T
      }
      try {
        const value = make()
        results.set(key, { value })
        return value
      } catch (thrown) {
        results.set(key, { thrown })
        throw thrown
      }
    },
    always: <T>(key: string, bytes: number, make: () => Promise<T>) =>
      memo.once(key, () => recallOrMake(remembered, key, bytes, make)),
  }
  return memo
}

/**
 * Not a closure of `always`: the stack of an error holds the async functions that it passed, and with a closure everything
 * that `make` was given, such as the bytes of a bundle, for as long as the failure is remembered.
 */
async function recallOrMake<T>(
  remembered: RememberedResults | undefined,
  key: string,
  bytes: number,
  make: () => Promise<T>,
): Promise<T> {
  const known = remembered?.get(key)
  // The caller that made the value under this key gave it this type.
  if (known !== undefined) return known.value as T
  const value = await make()
  remembered?.set(key, { value }, bytes)
  return value
}
