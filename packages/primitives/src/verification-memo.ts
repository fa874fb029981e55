/**
 * Remembers what has been verified in one evaluation, so that each signature costs one verification however often it is
 * asked for.
 */
export interface VerificationMemo {
  /**
   * What `make` came to the first time this key was asked for, success or failure.
   *
   * The key names everything the result depends on.
   */
  once<T>(key: string, make: () => T): T
}

/** An empty memo, for one evaluation. */
export function createVerificationMemo(): VerificationMemo {
  const results = new Map<string, { readonly value: unknown } | { readonly thrown: unknown }>()
  return {
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
  }
}
