import { extractImages, type ExtractedImage } from '@verify-images/image-matcher'
import type { ImageVerification } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { readScopedRecord } from '../../kyverno/record-annotations.ts'
import { readRequest } from '../../request/admission-request.ts'
import { podOf, policyOf, signedBy } from '../../testing/policies.ts'
import { planImage, type ImagePlans, type PlanInput } from './plan-image.ts'

const IMAGE = 'registry.test/app:1'
const key = { publicKey: 'a key' }
const [policy] = policyOf([{ imageReferences: ['*'] }], { name: 'p' })
if (policy === undefined) throw new Error('there is one policy')
const scope = { policy, rule: 'r' }

function entryOf(entry: object): ImageVerification {
  const [{ verifyImages: [parsed] = [] } = {}] = policyOf([entry])[0]?.spec.rules ?? []
  if (parsed === undefined) throw new Error('there is one entry')
  return parsed
}

function imageOf(pod: object): ExtractedImage {
  const [image] = extractImages(JSON.parse(JSON.stringify(pod)))
  if (image === undefined) throw new Error('there is one image')
  return image
}

const recorded = {
  ...podOf(IMAGE),
  metadata: {
    name: 'app',
    namespace: 'default',
    annotations: {
      'kyverno.io/verify-images-scoped': JSON.stringify({ version: 1, policies: { '/p': { r: { [IMAGE]: 'pass' } } } }),
    },
  },
}
const update = readRequest(recorded, { operation: 'UPDATE', oldObject: recorded })

const signed = entryOf(signedBy([key]))
const both = { ours: true, kyverno: true }
const onlyOurs = { ours: true, kyverno: false }
const neither = { ours: false, kyverno: false }

function plan(parts: Partial<Omit<PlanInput, 'image'>> & { readonly seenByKyverno?: boolean }): ImagePlans {
  const { seenByKyverno = true, ...rest } = parts
  return planImage({
    entry: signed,
    match: both,
    request: readRequest(podOf(IMAGE), {}),
    scope,
    compatibility: {},
    readScopedRecord,
    ...rest,
    image: { image: imageOf(podOf(IMAGE)), seenByKyverno },
  })
}

describe('an image is planned as in Kyverno and as here:', () => {
  test.each<[string, Parameters<typeof plan>[0], ImagePlans]>([
    ['matched by the entry', {}, { kyverno: 'verify', ours: 'verify' }],
    ['matched by another entry', { match: neither }, { kyverno: 'skip', ours: 'skip' }],
    ['in a form that Kyverno does not match', { match: onlyOurs }, { kyverno: 'skip', ours: 'verify' }],
    [
      'in a place that Kyverno does not see',
      { match: onlyOurs, seenByKyverno: false },
      { kyverno: 'ignore', ours: 'verify' },
    ],
    [
      'in a place that Kyverno does not see, matched by another entry',
      { match: neither, seenByKyverno: false },
      { kyverno: 'ignore', ours: 'ignore' },
    ],
    [
      'matched by skipImageReferences',
      { entry: entryOf(signedBy([key], { skipImageReferences: ['registry.test/app*'] })) },
      { kyverno: 'skip-by-name', ours: 'skip-by-name' },
    ],
    [
      'matched by skipImageReferences in a form that Kyverno does not match',
      { entry: entryOf(signedBy([key], { skipImageReferences: ['registry.test/app*'] })), match: onlyOurs },
      { kyverno: 'skip', ours: 'skip-by-name' },
    ],
    [
      'of an entry that asks for no signature',
      { entry: entryOf({ imageReferences: ['*'] }) },
      { kyverno: 'pin', ours: 'pin' },
    ],
    ['recorded as verified and unchanged', { request: update }, { kyverno: 'trust-record', ours: 'verify' }],
    [
      'recorded as verified and unchanged, with trustRecordsInAnnotations',
      { request: update, compatibility: { trustRecordsInAnnotations: true } },
      { kyverno: 'trust-record', ours: 'trust-record' },
    ],
    [
      'recorded as verified, in a place that Kyverno does not see',
      { request: update, match: onlyOurs, seenByKyverno: false },
      { kyverno: 'ignore', ours: 'verify' },
    ],
    [
      'recorded as verified for another rule',
      { request: update, scope: { policy, rule: 'other' } },
      { kyverno: 'verify', ours: 'verify' },
    ],
  ])('%s', (_, parts, expected) => {
    expect(plan(parts)).toEqual(expected)
  })

  test.each<[string, object]>([
    ['the operation is not UPDATE', { operation: 'CREATE' }],
    ['the image changed', { operation: 'UPDATE', oldObject: { ...recorded, spec: podOf('registry.test/app:0').spec } }],
    ['the record is only in the new object', { operation: 'UPDATE', oldObject: podOf(IMAGE) }],
  ])('Kyverno trusts no record when %s', (_, request) => {
    expect(plan({ request: readRequest(recorded, request) })).toEqual({ kyverno: 'verify', ours: 'verify' })
  })
})
