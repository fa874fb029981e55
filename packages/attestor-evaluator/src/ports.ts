import type {
  Descriptor,
  Digest,
  ManifestNotFound,
  ReferrerListing,
  RegistryDetail,
  StoredManifest,
} from '@verify-images/primitives'

export type { Descriptor, ManifestNotFound, ReferrerListing, StoredManifest } from '@verify-images/primitives'

/**
 * What the evaluator asks of the world. The registry client, the Kubernetes adapters and the trust-root loaders fit
 * these interfaces; none of them is imported here.
 */

/**
 * Reads what is stored beside an image. Repositories are named `host[:port]/path`.
 *
 * Every method throws a {@link SourceFault} when the read failed; absence is a value.
 */
export interface ArtifactSource {
  /** The manifest at a tag or digest, or a not-found value that carries what the registry said. */
  fetchManifest(repository: string, reference: string, signal: AbortSignal): Promise<StoredManifest | ManifestNotFound>
  /** The bytes of a blob; never more than `maxBytes`, never decompressed, always with the digest that was asked for. */
  fetchBlob(repository: string, blob: Descriptor, maxBytes: number, signal: AbortSignal): Promise<Uint8Array>
  /** What refers to a manifest: the referrers API, or the fallback tag `<algorithm>-<hex>` where that is not there. */
  listReferrers(repository: string, subject: Digest, signal: AbortSignal): Promise<ReferrerListing>
}

/**
 * The error of an {@link ArtifactSource} that could not answer. Recognised by `code` (`REGISTRY_…`), never by class.
 */
export interface SourceFault extends Error {
  readonly code: string
  /** The facts, for Kyverno's words about them and for its status; without them the message stands. */
  readonly detail?: RegistryDetail | undefined
}

/** A key that is named in a policy rather than written in it. */
export type KeySource =
  | { readonly kind: 'kubernetes-secret'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'kms'; readonly provider: 'awskms' | 'gcpkms' | 'azurekms' | 'hashivault'; readonly uri: string }

export interface KeyResolver {
  /**
   * The PEM text (`PUBLIC KEY`) of a key. Throws when it cannot be had; the message is shown, so it holds no secret.
   */
  resolveKey(source: KeySource, signal: AbortSignal): Promise<string>
}

/** The image whose signatures are asked for. */
export interface ImageSubject {
  /** Kyverno's canonical string, used in messages: `registry/path:tag`, or `registry/path@digest`. */
  readonly reference: string
  /** `host[:port]/path`. */
  readonly repository: string
  /** Absent when the reference names a digest. */
  readonly tag?: string
  readonly digest?: Digest
}
