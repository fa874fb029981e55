import type { TrustMaterialSource } from '../signature-verifier.ts'
import { PUBLIC_GOOD_AS_OF, PUBLIC_GOOD_RELEASE, PUBLIC_GOOD_ROOT } from './public-good-root.ts'
import { parseTrustedRoot } from './trusted-root.ts'
import type { TrustMaterial } from './trust-material.ts'

/** The trusted root of Sigstore's public good instance that ships with this package. */
export interface BuiltInTrust extends TrustMaterialSource {
  /** How old the copy is. Authorities and logs that were added later are unknown to it. */
  readonly asOf: Date
}

/**
 * Returns the trust of Sigstore's public good instance (Fulcio, Rekor and the timestamp authority at sigstore.dev)
 * without using the network: a dated copy of its trusted root, parsed when first needed.
 *
 * A copy never learns that a key was revoked. Long-running processes refresh it with `tufTrust`.
 */
export function builtInTrust(): BuiltInTrust {
  return {
    asOf: new Date(PUBLIC_GOOD_AS_OF),
    load: async (signal) => {
      signal.throwIfAborted()
      return (material ??= parseTrustedRoot(PUBLIC_GOOD_ROOT))
    },
  }
}

/** The built-in copy as it was published: for programs that print it, or verify with another client. */
export const publicGoodRoot: {
  /** The day of the release that it was taken from. */
  readonly asOf: string
  readonly release: string
  /** `trusted_root.json`. */
  readonly json: string
} = { asOf: PUBLIC_GOOD_AS_OF, release: PUBLIC_GOOD_RELEASE, json: PUBLIC_GOOD_ROOT.trimStart() }

/** Immutable, so all verifiers of the process share it. */
let material: TrustMaterial | undefined
