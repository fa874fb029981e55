import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verify } from 'sigstore'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createSigningWorld,
  githubWorkflow,
  provenance,
  type SigningWorld,
  type TestImage,
} from '@verify-images/testing'
import {
  createTufKey,
  startTufMirror,
  tufRelease,
  tufRoot,
} from '../packages/attestor-evaluator/src/testing/test-tuf-mirror.ts'
import { attestedEntry, entryOf, keylessAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import '@verify-images/testing/vitest'

const release = githubWorkflow({ repository: 'acme/app' })
const other = githubWorkflow({ repository: 'acme/other' })
const bundle = { type: 'SigstoreBundle' }

let world: SigningWorld
let mirror: Awaited<ReturnType<typeof startTufMirror>>
let folder: string
beforeAll(async () => {
  world = await createSigningWorld()
  mirror = await startTufMirror()
  folder = await mkdtemp(join(tmpdir(), 'real-sigstore-'))
  const key = createTufKey()
  await writeFile(join(folder, 'root.json'), tufRoot(key))
  for (const [path, body] of tufRelease(key, world.trustedRootJson)) mirror.files.set(path, body)
})
afterAll(async () => {
  mirror.close()
  await world.close()
  await rm(folder, { recursive: true })
})

/** Whether the `sigstore` client accepts the only bundle of an image, and the identity in it. */
async function sigstoreAccepts({ digest }: TestImage, identity = release): Promise<boolean> {
  const store = world.registry.repository('app')
  const [referrer] = store.referringTo(digest)
  const { layers } = JSON.parse(Buffer.from(referrer?.bytes ?? []).toString()) as {
    readonly layers: readonly { readonly digest: string }[]
  }
  const stored = Buffer.from(store.blob(layers[0]?.digest ?? '')?.bytes ?? []).toString()
  try {
    await verify(JSON.parse(stored) as Parameters<typeof verify>[0], {
      tufMirrorURL: mirror.url,
      tufRootPath: join(folder, 'root.json'),
      tufCachePath: join(folder, 'cache'),
      certificateIssuer: identity.issuer,
      certificateIdentityURI: identity.subject,
    })
    return true
  } catch {
    return false
  }
}

const of = ({ subject, issuer }: typeof release): object => keylessAttestor(subject, issuer)

test('an image that the real client signed is accepted, by us and by the real client', async () => {
  const image = await world.signWithSigstore(world.image('registry.test/app:signed'), release)
  const verdict = await judge(world, image, entryOf(of(release), bundle))
  await expect(verdict).toBeAdmitted()
  expect(verdict.evidence).toMatchObject([
    {
      format: 'sigstore-bundle',
      signer: { subjectAltNames: [release.subject] },
      logIndex: expect.any(String) as string,
    },
  ])
  expect(verdict.evidence[0]?.times.map(({ source }) => source)).toContain('timestamp-authority')
  expect(await sigstoreAccepts(image)).toBe(true)
})

test('both refuse it for another identity', async () => {
  const image = await world.signWithSigstore(world.image('registry.test/app:other'), release)
  await expect(await judge(world, image, entryOf(of(other), bundle))).toBeDeniedWith('ATTESTOR_IDENTITY_MISMATCH')
  expect(await sigstoreAccepts(image, other)).toBe(false)
})

test('both accept provenance that the real client signed', async () => {
  const attestation = provenance({ repository: 'acme/app' })
  const image = await world.signWithSigstore(world.image('registry.test/app:built'), release, attestation)
  await expect(
    await judge(world, image, attestedEntry(of(release), attestation.type, undefined, bundle)),
  ).toBeAdmitted()
  expect(await sigstoreAccepts(image)).toBe(true)
})

test('what it signed for one image does not count for another', async () => {
  const image = await world.signWithSigstore(world.image('registry.test/app:one'), release)
  const replayed = world.image('registry.test/app:two').withSignaturesOf(image)
  await expect(await judge(world, replayed, entryOf(of(release), bundle))).toBeDeniedWith('ATTESTOR_PAYLOAD_MISMATCH')
})

test('Fulcio issues nothing for a token that it did not give out', async () => {
  const forged = { ...release, subject: 'https://github.com/acme/admin' }
  const { startSigstoreServices } = await import('../packages/testing/src/authorities/sigstore-services.ts')
  const { attestWithSigstore } = await import('../packages/testing/src/signing/attest-with-sigstore.ts')
  const services = await startSigstoreServices(world.sigstore(), world.now)
  const stranger = await startSigstoreServices(world.sigstore(), world.now)
  const image = world.image('registry.test/app:forged')
  await expect(
    attestWithSigstore(
      { ...services, identityToken: stranger.identityToken },
      image,
      forged,
      provenance({ repository: 'a/b' }),
    ),
  ).rejects.toThrow()
  await services.close()
  await stranger.close()
})
