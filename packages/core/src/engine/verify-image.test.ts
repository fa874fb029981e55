import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier } from '../create-image-verifier.ts'
import { policyOf, signedBy } from '../testing/policies.ts'
import type { ImageVerdict } from '../verdict/verdict.ts'

let world: SigningWorld
let digests: Readonly<Record<string, string>>
beforeAll(async () => {
  world = await createSigningWorld()
  digests = {
    signed: world.image('registry.test/app:signed').signedBy(world.key('release')).digest,
    unsigned: world.image('registry.test/app:unsigned').digest,
  }
})
afterAll(() => world.close())

const judge = async (
  reference: string,
  entries: readonly object[] = [signedBy([world.key('release')])],
  spec: object = {},
): Promise<ImageVerdict> =>
  createImageVerifier({ policies: policyOf(entries, { spec }), registry: world.registryClient() }).verifyImage(
    reference,
  )

test.each([undefined, null, 7, {}])(
  'the invalid reference %j is refused, and not admitted as unmatched',
  async (reference) => {
    await expect(
      createImageVerifier({ policies: [] }).verifyImage(reference as unknown as string),
    ).rejects.toMatchObject({ code: 'VERIFIER_RESOURCE_INVALID' })
  },
)

test('the reference of an admitted image is pinned to the verified digest', async () => {
  const reference = `registry.test/app:signed@${digests['signed']}`
  expect(await judge('registry.test/app:signed')).toMatchObject({
    admitted: true,
    status: 'pass',
    reference,
    digest: digests['signed'],
  })
  expect(await judge(reference)).toMatchObject({ admitted: true, reference })
})

test('the reference of a denied image stays as given, and its digest is named', async () => {
  expect(await judge('registry.test/app:unsigned')).toMatchObject({
    admitted: false,
    status: 'fail',
    reference: 'registry.test/app:unsigned',
    digest: digests['unsigned'],
  })
  const half = [signedBy([world.key('release')]), signedBy([world.key('other')])]
  expect(await judge('registry.test/app:signed', half)).toMatchObject({
    admitted: false,
    reference: 'registry.test/app:signed',
    digest: digests['signed'],
  })
})

test('an image that is admitted although a rule fails is pinned if its digest is known', async () => {
  const audited = (key: string): object => signedBy([world.key(key)], { mutateDigest: false })
  const spec = { validationFailureAction: 'Audit' }
  expect(await judge('registry.test/app:signed', [audited('release'), audited('other')], spec)).toMatchObject({
    admitted: true,
    status: 'fail',
    reference: `registry.test/app:signed@${digests['signed']}`,
  })
  expect(await judge('registry.test/app:unsigned', [audited('release')], spec)).toMatchObject({
    admitted: true,
    status: 'fail',
    reference: 'registry.test/app:unsigned',
  })
})

test('the reference of an image that is admitted unverified stays as given, without digest and evidence', async () => {
  const skipping = (mutateDigest: boolean): object =>
    signedBy([world.key('release')], { skipImageReferences: ['*'], mutateDigest, verifyDigest: false, required: false })
  const skipped = await judge('registry.test/app:unsigned', [skipping(false)])
  expect(skipped).toMatchObject({ outcome: 'accepted', reference: 'registry.test/app:unsigned', evidence: [] })
  expect(skipped.digest).toBeUndefined()
  expect(await judge('registry.test/app:unsigned', [skipping(true)])).toMatchObject({
    outcome: 'accepted',
    reference: `registry.test/app:unsigned@${digests['unsigned']}`,
    evidence: [],
  })
})
