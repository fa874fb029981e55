import { discover, type AttachmentReader, type Discovery } from '@verify-images/attestor-evaluator'
import { parseImageReference, type RegistrySettings } from '@verify-images/image-matcher'
import type { RegistryClient } from '@verify-images/registry-fetcher'
import {
  aBoolean,
  anAbortSignal,
  anything,
  aString,
  arrayOf,
  type OptionTable,
  withLinkedSignal,
  withMethods,
} from '@verify-images/primitives'
import { checkOptions } from './verifier-error.ts'
import { checkDeadline } from './engine/evaluation.ts'
import { imageSubject } from './engine/images/image-subject.ts'
import { LIMITS } from './limits.ts'

export interface DiscoverOptions extends RegistrySettings {
  readonly registry: RegistryClient
  /**
   * Readers in addition to those for cosign signatures and attestations, Sigstore bundles and Notary Project
   * signatures.
   */
  readonly readers?: readonly AttachmentReader[]
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
}

const discoverOptions: OptionTable<DiscoverOptions> = {
  registry: withMethods('a registry client', 'openSession'),
  readers: arrayOf(withMethods('an attachment reader', 'read')),
  signal: anAbortSignal,
  deadlineMs: anything,
  defaultRegistry: aString,
  enableDefaultRegistryMutation: aBoolean,
}

/**
 * Lists everything that is attached to an image: fallback tags, referrers, bundles and Notary Project signatures, with
 * what each claims about who signed what, and when. Nothing is verified: whoever may push could have written it.
 * `complete` says whether absence means anything.
 *
 * @throws ImageError for an invalid reference; RegistryError or AttestorError when the image itself cannot be fetched;
 * VerifierError VERIFIER_OPTIONS_INVALID
 */
export async function discoverImage(reference: string, options: DiscoverOptions): Promise<Discovery> {
  checkOptions(options, discoverOptions, { required: ['registry'] })
  const { registry, readers = [], signal, deadlineMs = LIMITS.evaluationMs, ...settings } = options
  checkDeadline(deadlineMs)
  const subject = imageSubject(parseImageReference(reference, settings))
  const { createNotaryReader } = await import('@verify-images/notary')
  return withLinkedSignal(signal === undefined ? [] : [signal], deadlineMs, (linked) =>
    discover(subject, registry.openSession({ signal: linked, deadlineMs }), linked, {
      readers: [createNotaryReader(), ...readers],
    }),
  )
}
