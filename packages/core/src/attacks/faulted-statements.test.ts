import type { Fault, LoggedRequest, TestImage } from '@verify-images/testing'
import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

/** One fault at each request, for statements that conditions or `deny` read. `pnpm fault-sweep` sweeps the corpus. */
const attacked = attackedWorld({ limits: { tries: 1 } })
const SCAN = 'scan/report'
const IMAGE = 'registry.test/app:1'

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['status 503', { status: 503 }],
  ['status 404', { status: 404, body: '{"errors":[]}' }],
  ['a reset', { reset: true }],
  ['half of the body', { truncateToBytes: 20 }],
  ['another body', { body: '{"schemaVersion":2}' }],
]

/** A listing is not signed: what a registry leaves out of one cannot be missed. */
const isEmptyListing = (path: string, what: string): boolean => path.includes('/referrers/') && what === 'another body'

type Format = 'Cosign' | 'SigstoreBundle' | 'Notary'

/** Adds a statement by the required signer. */
function attest(
  image: TestImage,
  format: Format,
  predicate: { readonly critical: number; readonly run: number },
): void {
  const { world } = attacked
  if (format === 'Cosign') image.attestedBy(world.key('scanner'), SCAN, predicate)
  else if (format === 'SigstoreBundle') image.bundledBy(world.key('scanner'), { content: { type: SCAN, predicate } })
  else image.notaryAttestedBy(world.certificateAuthority('acme').issue('scanner'), SCAN, predicate)
}

function policies(format: Format, by: 'conditions' | 'deny'): ReturnType<typeof policyOf> {
  const { world } = attacked
  const attestor =
    format === 'Notary'
      ? { certificates: { cert: world.certificateAuthority('acme').root } }
      : keyAttestor(world.key('scanner'))
  const conditions = [{ all: [{ key: '{{ critical }}', operator: 'Equals', value: 0 }] }]
  const deny = { conditions: { any: [{ key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 }] } }
  const attestation = { type: SCAN, attestors: [{ entries: [attestor] }] }
  const entry = { imageReferences: ['registry.test/*'], type: format }
  return policyOf([
    by === 'deny'
      ? { ...entry, attestations: [{ ...attestation, name: 'scan' }], validate: { message: 'no', deny } }
      : { ...entry, attestations: [{ ...attestation, conditions }] },
  ])
}

async function judge(format: Format, by: 'conditions' | 'deny', at?: string, fault?: Fault): Promise<ResourceVerdict> {
  attacked.fault = ({ path }: LoggedRequest) => (path === at ? fault : undefined)
  return attacked.judge(policies(format, by), podOf(IMAGE))
}

describe.each(['Cosign', 'SigstoreBundle', 'Notary'] as const)('of %s', (format) => {
  describe.each(['conditions', 'deny'] as const)('that %s read', (by) => {
    test('a fault at any request never hides the statement that denies', async () => {
      const image = attacked.world.image(IMAGE)
      attest(image, format, { critical: 0, run: 1 })
      attest(image, format, { critical: 9, run: 2 })
      expect(await judge(format, by)).toMatchObject({ admitted: false, outcome: 'rejected' })
      const paths = new Set(attacked.world.registry.requests.map(({ path }) => path))
      expect(paths.size).toBeGreaterThanOrEqual(4)
      for (const path of paths)
        for (const [what, fault] of FAULTS)
          if (!isEmptyListing(path, what))
            expect([path, what, (await judge(format, by, path, fault)).admitted]).toEqual([path, what, false])
    })

    test('control: with a fault, passing statements are accepted or inconclusive', async () => {
      const image = attacked.world.image(IMAGE)
      attest(image, format, { critical: 0, run: 1 })
      attest(image, format, { critical: 0, run: 2 })
      expect(await judge(format, by)).toMatchObject({ admitted: true, outcome: 'accepted' })
      const paths = new Set(attacked.world.registry.requests.map(({ path }) => path))
      for (const path of paths)
        for (const [what, fault] of FAULTS) {
          const { outcome } = await judge(format, by, path, fault)
          // A tag or a listing that is not found, or lists nothing, is an answer.
          const isAnswer = /\/referrers\/|\.att$|\/manifests\/1$/.test(path) && /404|another/.test(what)
          expect([path, what, outcome === 'rejected' && !isAnswer]).toEqual([path, what, false])
        }
    })
  })
})
