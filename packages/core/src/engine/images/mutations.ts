import type { Evidence } from '@verify-images/attestor-evaluator'
import type { ExtractedImage } from '@verify-images/image-matcher'
import type { JsonPatchOperation } from '../../request/json-patch.ts'
import type { ImageResult } from '../../verdict/verdict.ts'
import { VerificationRecord } from './verification-record.ts'

/** What the mutating phase did to the images of one object, over all policies. */
export class Mutations {
  readonly record: VerificationRecord = new VerificationRecord()
  readonly #patches = new Map<string, JsonPatchOperation>()
  readonly #images = new Map<string, ImageState>()
  #version = 0

  /** Changes with every patch, so that the patched object need not be made again. */
  get version(): number {
    return this.#version
  }

  addPatch(patch: JsonPatchOperation): void {
    this.#version++
    this.#patches.set(patch.path, patch)
  }

  /** One patch per image, however many rules pinned it. */
  get patches(): readonly JsonPatchOperation[] {
    return [...this.#patches.values()]
  }

  /** Notes the result of one check of an image. */
  noteImage(
    { pointer, reference }: ExtractedImage,
    status: 'verified' | 'failed' | 'unchecked',
    digest: string | undefined,
    evidence: readonly Evidence[],
  ): void {
    const state = this.#images.get(pointer) ?? {
      reference: reference.reference,
      verified: false,
      failed: false,
      digest: reference.digest || undefined,
      evidence: new Set(),
    }
    this.#images.set(pointer, state)
    state.verified ||= status === 'verified'
    state.failed ||= status === 'failed'
    state.digest = digest ?? state.digest
    for (const each of evidence) state.evidence.add(each)
  }

  get images(): readonly ImageResult[] {
    return [...this.#images].map(([pointer, { reference, verified, failed, digest, evidence }]) => ({
      pointer,
      reference,
      ...(digest === undefined ? {} : { digest }),
      verified: verified && !failed,
      evidence: [...evidence],
    }))
  }
}

interface ImageState {
  readonly reference: string
  verified: boolean
  failed: boolean
  digest: string | undefined
  /** Each piece once, however many rules found it. */
  readonly evidence: Set<Evidence>
}
