import type { ReviewResult } from '@verify-images/core'
import { expect, test } from 'vitest'
import { notReadyAnswer, shedAnswer, uidOf, validatingAnswer } from './answer.ts'

interface Parts {
  readonly allowed?: boolean
  readonly warnings?: readonly string[]
  readonly images?: readonly { readonly pointer: string; readonly reference: string; readonly digest?: string }[]
  readonly patched?: readonly string[]
}

/** The result of a review in the mutating phase, with a patch for each of these pointers. */
function resultOf({ allowed = true, warnings, images = [], patched = [] }: Parts): ReviewResult {
  const response = { uid: 'u', allowed, patchType: 'JSONPatch', patch: 'W10=', ...(warnings && { warnings }) }
  return {
    response: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response },
    verdict: { images, patches: patched.map((path) => ({ op: 'replace', path, value: 'x' })) },
  } as never
}

const A = { pointer: '/spec/containers/0/image', reference: 'registry.test/a:1', digest: 'sha256:aa' }
const B = { pointer: '/spec/containers/1/image', reference: 'registry.test/b:1' }

test('drops the patch from an answer whose patches pin no image', () => {
  const { response } = validatingAnswer(resultOf({ images: [A], patched: ['/metadata/annotations/x'] }), 'deny')
  expect(response).toEqual({ uid: 'u', allowed: true })
})

test('denies images that are not pinned, and names each with its digest', () => {
  const { response } = validatingAnswer(resultOf({ images: [A, B], patched: [A.pointer, B.pointer] }), 'deny')
  expect(response).toEqual({
    uid: 'u',
    allowed: false,
    status: {
      status: 'Failure',
      code: 403,
      message:
        'image not pinned to the digest that was verified: registry.test/a:1 (sha256:aa), registry.test/b:1 (no digest); ' +
        'register the mutating endpoint, which pins',
    },
  })
})

test('names only the images that are not pinned', () => {
  const { response } = validatingAnswer(resultOf({ images: [A, B], patched: [B.pointer] }), 'deny')
  expect(response.status?.message).not.toContain('a:1')
})

test('adds a warning behind those of the policies when images that are not pinned are only warned of', () => {
  const result = resultOf({ images: [A], patched: [A.pointer], warnings: ['from a policy'] })
  expect(validatingAnswer(result, 'warn').response).toEqual({
    uid: 'u',
    allowed: true,
    warnings: ['from a policy', 'not pinned to the digest that was verified: registry.test/a:1 (sha256:aa)'],
  })
})

test.each(['deny', 'warn'] as const)(
  'leaves a denial as it is, with `%s` for images that are not pinned',
  (unpinned) => {
    const result = resultOf({ allowed: false, images: [A], patched: [A.pointer] })
    expect(validatingAnswer(result, unpinned).response).toEqual({ uid: 'u', allowed: false })
  },
)

test('leaves an answer without a verdict as it is, without a patch', () => {
  const { response } = resultOf({ allowed: false })
  expect(validatingAnswer({ response } as never, 'deny').response).toEqual({ uid: 'u', allowed: false })
})

test('sheds with 429 and reports missing policies with 503, both as denials of the uid', () => {
  const review = { request: { uid: 'x' } }
  expect(shedAnswer(review).response).toMatchObject({ uid: 'x', allowed: false, status: { code: 429 } })
  expect(notReadyAnswer(review).response).toMatchObject({ uid: 'x', allowed: false, status: { code: 503 } })
})

test.each([{}, { request: null }, { request: 'x' }, { request: {} }, { request: { uid: 1 } }])(
  'answers the review %j, which states no uid, with an empty one',
  (review) => expect(uidOf(review)).toBe(''),
)
