import { expect, test } from 'vitest'
import { readReview, refuseReview } from './review.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app', namespace: 'default' } }
const review = (request: object): object => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request })
const invalid = expect.objectContaining({ code: 'VERIFIER_REVIEW_INVALID' }) as unknown

test('a review of an API server is read', () => {
  const read = readReview(
    review({
      uid: 'u1',
      operation: 'UPDATE',
      name: 'app',
      object: pod,
      oldObject: pod,
      namespace: 'default',
      subResource: 'ephemeralcontainers',
      dryRun: true,
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestSubResource: '',
      options: { kind: 'UpdateOptions' },
      kind: { group: '', version: 'v1', kind: 'Pod' },
      userInfo: { username: 'jane', groups: ['dev'], extra: { scopes: ['a'] } },
    }),
  )
  expect(read).toEqual({
    uid: 'u1',
    resource: pod,
    request: {
      uid: 'u1',
      operation: 'UPDATE',
      oldObject: pod,
      namespace: 'default',
      subresource: 'ephemeralcontainers',
      dryRun: true,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      userInfo: { username: 'jane', groups: ['dev'], extra: { scopes: ['a'] } },
      admission: {
        name: 'app',
        resource: { group: '', version: 'v1', resource: 'pods' },
        options: { kind: 'UpdateOptions' },
      },
    },
  })
})

test('the review of a DELETE has the old object only', () => {
  expect(readReview(review({ uid: 'u', operation: 'DELETE', object: null, oldObject: pod })).resource).toEqual(pod)
})

test.each([
  ['undefined', undefined],
  ['another version', { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', request: {} }],
  ['no request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }],
  ['no uid', review({ operation: 'CREATE', object: pod })],
  ['an unknown operation', review({ uid: 'u', operation: 'PATCH', object: pod })],
  ['no object', review({ uid: 'u', operation: 'CREATE', object: null })],
  ['a string for an object', review({ uid: 'u', operation: 'CREATE', object: 'pod' })],
])('refuses a review with %s', (_, value) => {
  expect(() => readReview(value)).toThrow(invalid)
})

test('a refusal has the uid of the review, and does not admit', () => {
  expect(refuseReview(review({ uid: 'u9' }), 'why').response).toEqual({
    uid: 'u9',
    allowed: false,
    status: { status: 'Failure', message: 'why', code: 400 },
  })
  expect(refuseReview(null, 'why').response).toMatchObject({ uid: '', allowed: false })
})
