import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from './run.ts'
import { memoryIO } from './testing/memory-io.ts'

let world: SigningWorld
beforeEach(async () => {
  world = await createSigningWorld()
})
afterEach(() => world.close())

/** The lines of `tree` with their depth: two for `│   └── `. */
async function treeOf(image: string): Promise<readonly (readonly [depth: number, text: string])[]> {
  const { io, written } = memoryIO()
  expect(await run(['tree', image, '--registry-endpoint', `registry.test=${world.registry.endpoint}`], io)).toBe(0)
  return written.out
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [signs = ''] = /^[ │├└─]*/.exec(line) ?? []
      return [signs.length / 4, line.slice(signs.length)] as const
    })
}

const SBOM = 'application/spdx+json'

describe('an SBOM that refers to the image, and has a signature of its own', () => {
  const signer = (): ReturnType<ReturnType<SigningWorld['certificateAuthority']>['issue']> =>
    world.certificateAuthority('acme').issue('acme')

  test('shows an SBOM with its own signature below it', async () => {
    const image = world.image('registry.test/team/app:1').notaryAttestedBy(signer(), SBOM, { spdxVersion: 'SPDX-2.3' })
    const [sbom] = world.registry.repository('team/app').referringTo(image.digest)
    const [signature] = world.registry.repository('team/app').referringTo(sbom?.digest ?? '')
    const lines = await treeOf('registry.test/team/app:1')
    expect(lines).toContainEqual([1, `other ${sbom?.digest ?? ''} (referrer, api, ${SBOM})`])
    expect(lines).toContainEqual([
      2,
      `notary-signature ${signature?.digest ?? ''} (referrer, api, application/vnd.cncf.notary.signature)`,
    ])
    expect(lines).toContainEqual([4, 'subject: this artifact'])
    expect(lines.filter(([, text]) => text === 'subject: this image')).toEqual([])
  })

  test('control: shows a signature of the image beside the SBOM', async () => {
    world.image('registry.test/team/app:1').notaryAttestedBy(signer(), SBOM, {}).notarizedBy(signer())
    const lines = await treeOf('registry.test/team/app:1')
    const kinds = lines.flatMap(([depth, text]) =>
      /^(?:other|notary-signature) /.test(text) ? [[depth, text.split(' ')[0]]] : [],
    )
    expect(kinds.toSorted()).toEqual([
      [1, 'notary-signature'],
      [1, 'other'],
      [2, 'notary-signature'],
    ])
    expect(lines).toContainEqual([3, 'subject: this image'])
  })
})

describe('an index', () => {
  test('shows an index with its images, and what is attached to each', async () => {
    const amd64 = world.image('registry.test/team/app:amd64').signedBy(world.key('release'))
    const arm64 = world.image('registry.test/team/app:arm64')
    world.index('registry.test/team/app:1', { 'linux/amd64': amd64, 'linux/arm64/v8': arm64 })
    const lines = await treeOf('registry.test/team/app:1')
    expect(lines[0]?.[1]).toContain('none of what follows has been verified')
    expect(lines.filter(([depth]) => depth < 3)).toEqual([
      [0, expect.stringMatching(/^registry\.test\/team\/app:1 is sha256:/)],
      [1, 'nothing is attached'],
      [1, `image ${amd64.digest} (linux/amd64)`],
      [2, `signature ${amd64Signature(amd64.digest)} (tag ${amd64.digest.replace(':', '-')}.sig)`],
      [1, `image ${arm64.digest} (linux/arm64/v8)`],
    ])
    expect(lines).toContainEqual([4, 'subject: this image'])
  })

  test('control: says of an index without attachments that it is there, and no more', async () => {
    world.index('registry.test/team/app:1', { 'linux/amd64': world.image('registry.test/team/app:amd64') })
    const [root] = await treeOf('registry.test/team/app:1')
    expect(root?.[1]).toMatch(/^registry\.test\/team\/app:1 is sha256:[0-9a-f]{64}$/)
  })
})

function amd64Signature(digest: string): string {
  return world.registry.repository('team/app').manifest(`${digest.replace(':', '-')}.sig`)?.digest ?? ''
}
