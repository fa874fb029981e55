import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createRegistryClient } from '@verify-images/core'
import { createSigningWorld, vulnerabilities, type SigningWorld, type TestImage } from '@verify-images/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attestedEntry, entryOf, keyAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import { pushRepository } from './testing/push-repository.ts'

const binary = join(import.meta.dirname, '../node_modules/.cache/referrers-registry')
const isBuilt = existsSync(binary)
if (!isBuilt)
  console.warn(
    'SKIPPED: no registry with a referrers API; `node scripts/build-referrers-registry.mjs` builds it with Go',
  )

describe.skipIf(!isBuilt)('the registry of go-containerregistry, with its referrers API', () => {
  let world: SigningWorld
  let child: ChildProcess
  let endpoint: string
  let images: Readonly<Record<'bundle' | 'attested' | 'untyped' | 'unlisted' | 'unsigned', TestImage>>
  const scan = vulnerabilities({ critical: 0 })

  beforeAll(async () => {
    world = await createSigningWorld()
    const release = world.key('release')
    images = {
      bundle: world.image('registry.test/team/app:bundle').bundledBy(release),
      attested: world.image('registry.test/team/app:attested').bundledBy(release, { content: scan }),
      untyped: world.image('registry.test/team/app:untyped').bundledBy(release),
      unlisted: world.image('registry.test/team/app:unlisted').bundledBy(release),
      unsigned: world.image('registry.test/team/app:unsigned'),
    }
    child = spawn(binary, [], { stdio: ['ignore', 'pipe', 'inherit'] })
    endpoint = `http://${await firstLine(child)}`
    const tags = Object.keys(images)
    await pushRepository(world.registry.endpoint, { endpoint }, 'team/app', tags)
    for (const image of [images.bundle, images.attested])
      await pushReferrers(image, ({ artifactType }, stored) => withConfig(artifactType, stored))
    await pushReferrers(images.untyped, ({ digest }) => digest)
    await pushReferrers(images.unlisted, (_, stored) => withConfig('application/json', stored))
  })
  afterAll(async () => {
    child.kill('SIGKILL')
    await world.close()
  })

  async function pushReferrers(
    { digest }: TestImage,
    tagOf: (referrer: Referrer, stored: StoredReferrer) => string,
  ): Promise<void> {
    const { manifests } = await pull<{ readonly manifests: readonly Referrer[] }>(`referrers/${digest}`)
    for (const referrer of manifests) {
      const stored = await pull<StoredReferrer>(`manifests/${referrer.digest}`)
      await pushRepository(world.registry.endpoint, { endpoint }, 'team/app', [tagOf(referrer, stored)])
    }
  }

  /** This registry lists the media type of the config as artifact type, whatever `artifactType` says. */
  function withConfig(mediaType: string, stored: StoredReferrer): string {
    const manifest = { ...stored, config: { ...stored.config, mediaType } }
    return world.registry.putManifest('team/app', manifest).digest
  }

  async function pull<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`${world.registry.endpoint}/v2/team/app/${path}`)
    return (await response.json()) as Answer
  }

  const verify = (image: TestImage, entry: object): ReturnType<typeof judge> =>
    judge(world, image, entry, { registry: createRegistryClient({ hosts: { 'registry.test': { endpoint } } }) })
  const type = { type: 'SigstoreBundle' }

  test('accepts a bundle that it lists, and rejects an image without one or by another key', async () => {
    const entry = entryOf(keyAttestor(world.key('release')), type)
    expect(await verify(images.bundle, entry)).toMatchObject({ outcome: 'accepted', digest: images.bundle.digest })
    expect(await verify(images.unsigned, entry)).toMatchObject({ outcome: 'rejected' })
    const mallory = entryOf(keyAttestor(world.key('mallory')), type)
    expect(await verify(images.bundle, mallory)).toMatchObject({ outcome: 'rejected' })
  })

  test('the registry of go-containerregistry, with its referrers API does not find a bundle that it lists under another artifact type, as Kyverno does not', async () => {
    const verdict = await verify(images.unlisted, entryOf(keyAttestor(world.key('release')), type))
    expect(verdict).toMatchObject({ admitted: false, outcome: 'rejected' })
  })

  test('the registry of go-containerregistry, with its referrers API holds the statement of a bundle to its conditions', async () => {
    const entry = (value: number): object =>
      attestedEntry(
        keyAttestor(world.key('release')),
        scan.type,
        { key: '{{ scanner.result.critical || `0` }}', operator: 'Equals', value },
        type,
      )
    expect(await verify(images.attested, entry(0))).toMatchObject({ outcome: 'accepted' })
    expect(await verify(images.attested, entry(1))).toMatchObject({ outcome: 'rejected' })
  })
})

interface Referrer {
  readonly digest: string
  readonly artifactType: string
}

interface StoredReferrer {
  readonly config: object
}

/** The address that the registry prints when it listens. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the registry ended with ${String(code)}`)))
    child.stdout?.once('data', (text: Buffer) => resolve(text.toString('utf8').trim()))
  })
}
