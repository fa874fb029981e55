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
  '%j is an invalid reference, and is not admitted as one that no policy matches',
  async (reference) => {
    await expect(
      createImageVerifier({ policies: [] }).verifyImage(reference as unknown as string),
    ).rejects.toMatchObject({ code: 'VERIFIER_RESOURCE_INVALID' })
  },
)

test('what was checked is what runs', async () => {
  const reference = `registry.test/app:signed@${digests['signed']}`
  expect(await judge('registry.test/app:signed')).toMatchObject({
    admitted: true,
    status: 'pass',
    reference,
    digest: digests['signed'],
  })
  expect(await judge(reference)).toMatchObject({ admitted: true, reference })
})

test('what is denied is not handed out to run, and is known by its digest', async () => {
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

test('what is admitted although a rule fails is pinned where the digest is known', async () => {
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

test('an image that is let pass unverified is handed out as given, without a digest and without evidence', async () => {
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
