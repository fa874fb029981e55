import { createRegistryClient } from '@verify-images/registry-fetcher'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from './create-image-verifier.ts'

import type { ReviewResult } from './request/review.ts'
import { podOf, policyOf, signedBy } from './testing/policies.ts'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
})
afterAll(() => world.close())

const review = (image: string, options: Partial<ImageVerifierOptions> = {}): Promise<ReviewResult> =>
  createImageVerifier({
    policies: policyOf([signedBy([world.key('release')])]),
    registry: world.registryClient(),
    ...options,
  }).review({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', operation: 'CREATE', object: podOf(image) },
  })

test('a review of a signed image is allowed, pinned, and noted in the audit log', async () => {
  const { response, verdict } = await review('registry.test/app:signed')
  expect(response.response).toMatchObject({
    uid: 'u',
    allowed: true,
    patchType: 'JSONPatch',
    auditAnnotations: { outcome: 'accepted' },
  })
  expect(JSON.parse(Buffer.from(response.response.patch ?? '', 'base64').toString('utf8'))).toEqual(verdict?.patches)
})

test('a rejected review has status 403, the reason in the audit log and the denial as its message', async () => {
  const { response, verdict } = await review('registry.test/app:unsigned')
  expect(response.response).toEqual({
    uid: 'u',
    allowed: false,
    status: { status: 'Failure', message: verdict?.denial, code: 403 },
    auditAnnotations: { outcome: 'rejected', 'reason-codes': 'ATTESTOR_NO_SIGNATURE' },
  })
})

test('an inconclusive review has status 503', async () => {
  const unreachable = createRegistryClient({
    hosts: { 'registry.test': { endpoint: 'http://127.0.0.1:1' } },
    limits: { tries: 1 },
  })
  const { response, verdict } = await review('registry.test/app:signed', { registry: unreachable })
  expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  expect(response.response).toMatchObject({ allowed: false, status: { code: 503 } })
})

test('under Audit an unsigned image is allowed, and the audit log has the reason', async () => {
  const entry = signedBy([world.key('release')], { mutateDigest: false })
  const policies = policyOf([entry], { spec: { validationFailureAction: 'Audit' } })
  const { response } = await review('registry.test/app:unsigned', { policies })
  expect(response.response).toMatchObject({ allowed: true, auditAnnotations: { outcome: 'rejected' } })
})

test('an object that no policy matches has no entry in the audit log', async () => {
  const { response, verdict } = await review('elsewhere.test/app:1')
  expect(verdict).toMatchObject({ unmatched: true })
  expect(response.response).toEqual({ uid: 'u', allowed: true })
})

test('a review that cannot be read has no verdict', async () => {
  const { response, verdict } = await createImageVerifier({ policies: [] }).review({})
  expect(verdict).toBeUndefined()
  expect(response.response).toMatchObject({ uid: '', allowed: false, status: { code: 400 } })
})

test('a verifier names the version of Kyverno that its decisions are measured against', () => {
  expect(createImageVerifier({ policies: [] }).compatibility).toEqual({ kyverno: '1.19' })
})
