import type { Failure } from '@verify-images/primitives'

/** Why a context entry could not be loaded, as data; `kyverno/context-text.ts` has the sentence for it. */
export type EntryFault =
  | { readonly kind: 'no-source' }
  | { readonly kind: 'no-reader'; readonly of: 'ConfigMaps' | 'API calls' | 'global context entries' }
  /** `field` is the field and what is written in it. */
  | { readonly kind: 'variables'; readonly field: string; readonly cause: string }
  | { readonly kind: 'field-not-string'; readonly field: string }
  | { readonly kind: 'path-not-string'; readonly path: string }
  | { readonly kind: 'path-failed'; readonly path: string; readonly cause: string }
  | { readonly kind: 'variable-path-failed'; readonly path: string; readonly cause: string }
  | { readonly kind: 'variable-null' }
  | { readonly kind: 'config-map'; readonly cause: EntryFault | string }
  | {
      readonly kind: 'config-map-unreadable'
      readonly namespace: string
      readonly name: string
      readonly cause: string
    }
  | { readonly kind: 'config-map-missing'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'config-map-foreign'; readonly namespace: string; readonly policyNamespace: string }
  | { readonly kind: 'global-entry-missing'; readonly key: string }
  /** `target` is a path of the Kubernetes API; absent for a service, whose address may be a secret. */
  | { readonly kind: 'call-failed'; readonly method: string; readonly target?: string }
  | { readonly kind: 'call-invalid'; readonly problem: string }
  | { readonly kind: 'image-not-string'; readonly value: string }
  | { readonly kind: 'image'; readonly step: ImageStep; readonly image: string; readonly cause: ImageCause }

/** What failed in a step of reading an image: the source, or a step within. */
export type ImageCause = { readonly failure: Failure } | { readonly fault: EntryFault }

/** The steps of reading an image. */
export type ImageStep = 'describe' | 'parse' | 'fetch' | 'resolve' | 'fetch-config' | 'decode-config'

/** Thrown while a context entry is loaded; never leaves the loader, which makes a value of it. */
export class EntryError extends Error {
  override readonly name = 'EntryError'
  readonly fault: EntryFault

  constructor(entry: string, fault: EntryFault, cause?: unknown) {
    super(`context entry ${entry}: ${fault.kind}`, { cause })
    this.fault = fault
  }
}
