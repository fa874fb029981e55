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

  addPatch(patch: JsonPatchOperation): void {
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
      evidence: [],
    }
    this.#images.set(pointer, {
      ...state,
      verified: state.verified || status === 'verified',
      failed: state.failed || status === 'failed',
      digest: digest ?? state.digest,
      evidence: [...new Set([...state.evidence, ...evidence])],
    })
  }

  get images(): readonly ImageResult[] {
    return [...this.#images].map(([pointer, { reference, verified, failed, digest, evidence }]) => ({
      pointer,
      reference,
      ...(digest === undefined ? {} : { digest }),
      verified: verified && !failed,
      evidence,
    }))
  }
}

interface ImageState {
  readonly reference: string
  readonly verified: boolean
  readonly failed: boolean
  readonly digest: string | undefined
  readonly evidence: readonly Evidence[]
}
