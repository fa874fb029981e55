import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@verify-images/primitives'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { openSnapshot, type OpenSnapshotOptions } from '../snapshot/snapshot.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'

/** A snapshot is a registry in a folder: whoever writes it can hide things, and have nothing accepted. */
const attacked = attackedWorld()
const IMAGE = 'registry.test/app:1'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Answer {
  readonly of: string
  readonly name: string
  readonly repository: string
  readonly kind: string
  readonly digest: string
}

const file = (): string => join(folder, 'verify-images-snapshot.json')
const blobOf = (digest: string): string => join(folder, 'blobs/sha256', digest.slice('sha256:'.length))
const signed = (type = 'Cosign'): ImageVerifierOptions['policies'] =>
  policyOf([signedBy([attacked.world.key('release')], { type })])

function verifierOf(policies: ImageVerifierOptions['policies'], options: object = {}): ImageVerifier {
  const { world } = attacked
  return createImageVerifier({ registry: world.registryClient(), clock: world.clock, ...options, policies })
}

/** Changes the answers of the snapshot. */
async function rewrite(change: (answer: Answer) => object | undefined): Promise<void> {
  const snapshot: { answers: Answer[] } = JSON.parse(await readFile(file(), 'utf8'))
  const answers = snapshot.answers.flatMap((answer) => change(answer) ?? [])
  expect(answers).not.toEqual(snapshot.answers)
  await writeFile(file(), JSON.stringify({ ...snapshot, answers }))
}

async function outcomeOf(
  policies: ImageVerifierOptions['policies'],
  image = IMAGE,
  options: OpenSnapshotOptions = {},
): Promise<string> {
  const verdict = await verifierOf(policies, await openSnapshot(folder, options)).verifyResource(podOf(image))
  expect(verdict.requests.total).toBe(0)
  expect(verdict.admitted).toBe(verdict.outcome === 'accepted')
  return verdict.outcome
}

describe.each(['Cosign', 'SigstoreBundle'])('a snapshot with a %s signature', (type) => {
  let payload: string

  beforeEach(async () => {
    const { world } = attacked
    const image = world.image(IMAGE)
    if (type === 'Cosign') image.signedBy(world.key('release'))
    else image.bundledBy(world.key('release'))
    await verifierOf(signed(type)).snapshot([podOf(IMAGE)], folder)
    const { answers }: { answers: readonly Answer[] } = JSON.parse(await readFile(file(), 'utf8'))
    payload = answers.find(({ of }) => of === 'blob')?.digest ?? ''
    // The control of every test here.
    expect(await outcomeOf(signed(type))).toBe('accepted')
  })

  test('a snapshot whose payload was swapped is inconclusive', async () => {
    await writeFile(blobOf(payload), 'other')
    expect(await outcomeOf(signed(type))).toBe('inconclusive')
  })

  test('a snapshot without the payload, or without the answer about it, is inconclusive', async () => {
    await rm(blobOf(payload))
    expect(await outcomeOf(signed(type))).toBe('inconclusive')
    await rewrite((answer) => (answer.of === 'blob' ? undefined : answer))
    expect(await outcomeOf(signed(type))).toBe('inconclusive')
  })

  test('a snapshot whose answer about the payload names another content is inconclusive', async () => {
    const other = Buffer.from('other')
    await writeFile(blobOf(digestOf(other)), other)
    await rewrite((answer) => (answer.of === 'blob' ? { ...answer, digest: digestOf(other), size: 5 } : answer))
    expect(await outcomeOf(signed(type))).toBe('inconclusive')
  })

  test('a snapshot from which a signature was removed is never accepted', async () => {
    const isListing = ({ of, name }: Answer): boolean => of === 'listing' || name.endsWith('.sig')
    await rewrite((answer) => (isListing(answer) ? undefined : answer))
    expect(await outcomeOf(signed(type))).toBe('inconclusive')
    await rm(folder, { recursive: true })
    await verifierOf(signed(type)).snapshot([podOf(IMAGE)], folder)
    const detail = { kind: 'registry-answer', method: 'GET', url: 'x', status: 404, errors: [] }
    const nothing = { descriptors: [], complete: true, source: 'none' }
    await rewrite((answer) => {
      if (!isListing(answer)) return answer
      const { of, name, repository } = answer
      const asked = { of, view: 'client', name, repository }
      return of === 'listing'
        ? { ...asked, kind: 'listing', listing: nothing }
        : { ...asked, kind: 'not-found', detail }
    })
    // A registry may say so, too; that nothing else was asked then leaves open why.
    expect(await outcomeOf(signed(type))).not.toBe('accepted')
  })

  test('a snapshot whose tag was turned to another image is not accepted for that one', async () => {
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config: {}, layers: [] }))
    await writeFile(blobOf(digestOf(manifest)), manifest)
    await rewrite((answer) => (answer.name === '1' ? { ...answer, digest: digestOf(manifest) } : answer))
    expect(await outcomeOf(signed(type))).toBe('inconclusive')
  })

  test('a snapshot says nothing about another object, nor for policies that ask for more', async () => {
    for (const image of [
      'registry.test/other:1',
      'registry.test/app:2',
      'elsewhere.test/app:1@sha256:' + '0'.repeat(64),
    ])
      expect(
        await outcomeOf(policyOf([signedBy([attacked.world.key('release')], { type, imageReferences: ['*'] })]), image),
      ).toBe('inconclusive')
    const release = attacked.world.key('release')
    const attested = {
      attestations: [{ type: 'https://example.com/scan', attestors: [{ entries: [keyAttestor(release)] }] }],
    }
    if (type === 'Cosign')
      expect(await outcomeOf(policyOf([signedBy([release], { type, ...attested })]))).toBe('inconclusive')
    // Another key is one of the caller's, also with the snapshot's trust.
    const other = policyOf([signedBy([attacked.world.key('other')], { type })])
    for (const trustFromSnapshot of [false, true])
      expect(await outcomeOf(other, IMAGE, { trustFromSnapshot })).toBe('rejected')
  })
})

test('a trust root that was added to a snapshot is not used, also with trustFromSnapshot', async () => {
  const { world } = attacked
  const identity = { subject: 'release@example.com', issuer: 'https://issuer.example' }
  const foreign = world.sigstore('foreign')
  world.image(IMAGE).bundledKeylessly(identity, { instance: foreign })
  const keyless = { keyless: { ...identity, rekor: { url: 'https://rekor.sigstore.dev' } } }
  const policies = policyOf([signedBy([], { type: 'SigstoreBundle', attestors: [{ entries: [keyless] }] })])
  await verifierOf(policies, { trust: foreign.trust }).snapshot([podOf(IMAGE)], folder)
  const judged = async (options: OpenSnapshotOptions, trust: object): Promise<boolean> => {
    const verifier = verifierOf(policies, { trust, ...(await openSnapshot(folder, options)) })
    return (await verifier.verifyResource(podOf(IMAGE))).admitted
  }
  const added = { ...JSON.parse(await readFile(file(), 'utf8')), trust: foreign.trust, trustedRoot: {} }
  await writeFile(file(), JSON.stringify(added))
  for (const trustFromSnapshot of [false, true]) {
    expect(Object.keys(await openSnapshot(folder, { trustFromSnapshot }))).not.toContain('trust')
    expect(await judged({ trustFromSnapshot }, world.trust)).toBe(false)
    // The control: the caller trusts that instance.
    expect(await judged({ trustFromSnapshot }, foreign.trust)).toBe(true)
  }
})
