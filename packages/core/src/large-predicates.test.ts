import type { Policy } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'
import { predicateThreads } from './predicate-pool.ts'
import { attackedWorld, type Options } from './testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from './testing/policies.ts'
import type { ResourceVerdict } from './verdict/verdict.ts'

const attacked = attackedWorld()
const SBOM = 'https://spdx.dev/Document'
const image = 'registry.test/app:1'

/** Packages of which the last is the one that conditions are about. */
function sbom(packages: number, last: string): object {
  return {
    packages: [
      ...Array.from({ length: packages }, (_, i) => ({ name: `package-${String(i)}`, license: 'MIT', files: [i] })),
      { name: last, license: 'GPL' },
    ],
  }
}

function policies(conditions?: readonly object[], deny?: object): readonly Policy[] {
  const attestation = {
    name: 'sbom',
    type: SBOM,
    attestors: [{ entries: [keyAttestor(attacked.world.key('builder'))] }],
  }
  return policyOf([
    {
      imageReferences: ['registry.test/*'],
      attestations: [{ ...attestation, ...(conditions && { conditions }) }],
      ...(deny && {
        validate: {
          message: 'denied: {{ sbom.packages[-1].name || `"nothing"` }}',
          deny: { conditions: { any: [deny] } },
        },
      }),
    },
  ])
}

const noLog4j = [{ all: [{ key: '{{ packages[].name }}', operator: 'AllNotIn', value: ['log4j'] }] }]
const denyLog4j = { key: '{{ sbom.packages[].name }}', operator: 'AnyIn', value: ['log4j'] }

function attest(predicate: unknown): void {
  attacked.world.image(image).unsigned().attestedBy(attacked.world.key('builder'), SBOM, predicate)
}

function judge(rules: readonly Policy[], options: Options = {}): Promise<ResourceVerdict> {
  return attacked.judge(rules, podOf(image), options)
}

function compared({ admitted, outcome, denial, rules }: ResourceVerdict): unknown {
  return { admitted, outcome, denial, rules }
}

test('small payloads start no worker', async () => {
  attest(sbom(3, 'zlib'))
  expect((await judge(policies(noLog4j, denyLog4j))).admitted).toBe(true)
  expect(predicateThreads()).toBe(0)
})

test.each<[string, unknown, boolean]>([
  ['a harmless predicate', sbom(10, 'zlib'), true],
  ['a predicate that conditions reject', sbom(10, 'log4j'), false],
  ['a predicate without the member', {}, false],
  ['a member with the name of a variable', { ...sbom(1, 'zlib'), request: { operation: 'x' } }, true],
  ['an array', [], false],
  ['a string', 'packages', false],
  ['null', null, false],
])('the verdict about %s is the same in the worker and in the main thread', async (_, predicate, admitted) => {
  attest(predicate)
  for (const rules of [policies(noLog4j), policies(undefined, denyLog4j), policies(noLog4j, denyLog4j)]) {
    const outside = await judge(rules)
    const inside = await judge(rules, { workerBytes: 0 })
    expect(compared(inside)).toEqual(compared(outside))
  }
  expect((await judge(policies(noLog4j), { workerBytes: 0 })).admitted).toBe(admitted)
})

test('a large predicate is parsed and evaluated in the worker', async () => {
  attest(sbom(60_000, 'log4j'))
  const { admitted, denial } = await judge(policies(undefined, denyLog4j))
  expect(admitted).toBe(false)
  expect(denial).toContain('denied: log4j')
  expect(predicateThreads()).toBe(1)
})

test('the deadline ends the worker, and the next evaluation starts another', async () => {
  attest(sbom(10, 'zlib'))
  const verdict = await judge(policies(noLog4j), { workerBytes: 0, deadlineMs: 1 })
  expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  expect((await judge(policies(noLog4j), { workerBytes: 0 })).admitted).toBe(true)
})
