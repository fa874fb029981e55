import type { TrustMaterialSource } from '../signature-verifier.ts'
import { PUBLIC_GOOD_AS_OF, PUBLIC_GOOD_RELEASE, PUBLIC_GOOD_ROOT } from './public-good-root.ts'
import { parseTrustedRoot } from './trusted-root.ts'
import type { TrustMaterial, TrustOrigin } from './trust-material.ts'

/** The trusted root of Sigstore's public good instance that ships with this package. */
export interface BuiltInTrust extends TrustMaterialSource {
  /** Authorities and logs that were added after `asOf` are unknown to the copy. */
  readonly origin: () => TrustOrigin
}

/**
 * Returns the trust of Sigstore's public good instance (Fulcio, Rekor and the timestamp authority at sigstore.dev)
 * without using the network: a dated copy of its trusted root, parsed when first needed.
 *
 * A copy never learns that a key was revoked. Long-running processes refresh it with `sigstorePublicGood`.
 */
export function builtInTrust(): BuiltInTrust {
  return {
    origin: () => ORIGIN,
    load: async (signal) => {
      signal.throwIfAborted()
      return (material ??= { ...parseTrustedRoot(PUBLIC_GOOD_ROOT), origin: ORIGIN })
    },
  }
}

const ORIGIN: TrustOrigin = { asOf: new Date(PUBLIC_GOOD_AS_OF).toISOString() }

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
