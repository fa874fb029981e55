import { describe, expect, test } from 'vitest'
import { createImageVerifier } from '../create-image-verifier.ts'
import type { KubernetesReader } from '../kubernetes.ts'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'
import { VerifierError } from '../verifier-error.ts'

/** Costs that would be the product of two counts are bounded by a count, or by a named budget. */
const attacked = attackedWorld()
const SIGNED = 'registry.test/app:signed'

function policies(): ReturnType<typeof policyOf> {
  const { world } = attacked
  world.image(SIGNED).signedBy(world.key('release'))
  return policyOf([signedBy([world.key('release')])])
}

function withSecrets(names: readonly unknown[], images: readonly string[] = [SIGNED]): object {
  const pod = podOf(...images)
  return { ...pod, spec: { ...pod.spec, imagePullSecrets: names.map((name) => ({ name })) } }
}

/** A cluster without Secrets, which counts what is read, and how much at the same time. */
function emptyCluster(): { readonly reader: KubernetesReader; readonly read: string[]; readonly most: () => number } {
  const read: string[] = []
  let running = 0
  let most = 0
  return {
    read,
    most: () => most,
    reader: {
      read: async (kind, namespace, name) => {
        read.push(`${kind} ${String(namespace)}/${name}`)
        running++
        most = Math.max(most, running)
        await new Promise((resume) => setImmediate(resume))
        running--
        return undefined
      },
    },
  }
}

describe('pull secrets', () => {
  test('pull secrets are read once each, a few at a time, for all containers and entries', async () => {
    const cluster = emptyCluster()
    const names = Array.from({ length: 100 }, (_, i) => `pull-${String(i)}`)
    const verdict = await attacked.judge(
      policies(),
      withSecrets(
        [...names, ...names],
        Array.from({ length: 20 }, () => SIGNED),
      ),
      { kubernetes: cluster.reader },
    )
    expect(verdict.admitted).toBe(true)
    expect(cluster.read.sort()).toEqual(names.map((name) => `Secret default/${name}`).sort())
    expect(cluster.most()).toBeLessThanOrEqual(8)
  })

  test('ten thousand pull secrets are refused before any is read', async () => {
    const cluster = emptyCluster()
    const names = Array.from({ length: 10_000 }, (_, i) => `pull-${String(i)}`)
    const verdict = await attacked.judge(policies(), withSecrets(names), { kubernetes: cluster.reader })
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    expect(verdict.denial).toContain('expected at most 100, got 10000')
    expect(cluster.read).toEqual([])
    // Without a reader there are no Secrets to read.
    expect((await attacked.judge(policies(), withSecrets(names.slice(0, 100)))).admitted).toBe(true)
  })

  test('pull secrets with empty names are ignored, as by the kubelet', async () => {
    const cluster = emptyCluster()
    const verdict = await attacked.judge(policies(), withSecrets(['', '', 'pull']), { kubernetes: cluster.reader })
    expect(verdict.admitted).toBe(true)
    expect(cluster.read).toEqual(['Secret default/pull'])
  })

  test.each(['..', '?watch=1', 'a b', '%2e%2e', 'UPPER', 'a'.repeat(254), '-a', 'a..b'])(
    'a pull secret named %j never reaches a reader',
    async (name) => {
      const cluster = emptyCluster()
      const verdict = await attacked.judge(policies(), withSecrets([name]), { kubernetes: cluster.reader })
      expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
      expect(cluster.read).toEqual([])
    },
  )
})

describe('the budget of an evaluation', () => {
  const conditions = [{ all: [{ key: '{{ critical }}', operator: 'Equals', value: 0 }] }]
  const attested = (): ReturnType<typeof policyOf> => {
    const { world } = attacked
    const key = world.key('scanner')
    world.image(SIGNED).unsigned().attestedBy(key, 'https://example.com/scan', { critical: 0 })
    return policyOf([
      {
        imageReferences: ['registry.test/*'],
        attestations: [{ type: 'https://example.com/scan', attestors: [{ entries: [keyAttestor(key)] }], conditions }],
      },
    ])
  }

  test.each<[string, object]>([
    ['requests', { requests: 1 }],
    ['bytes', { bytes: 10 }],
  ])(
    'an evaluation beyond its budget of %s is inconclusive, and names the limit and what used it',
    async (name, limits) => {
      const { world } = attacked
      world.image('registry.test/two:1').signedBy(world.key('release'))
      const verdict = await attacked.judge(policies(), podOf(SIGNED, 'registry.test/two:1'), { limits })
      expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
      const reasons = verdict.rules.flatMap((rule) => rule.reasons)
      expect(reasons.map(({ code }) => code).filter((code) => code.endsWith('_EXCEEDED'))).not.toEqual([])
      expect(reasons.map(({ message }) => message).join()).toMatch(
        new RegExp(`exceeds its limit of \\d+ ${name}: \\d+ of \\d+ for `),
      )
    },
  )

  test('the budget counts the conditions of a rule', async () => {
    expect((await attacked.judge(attested(), podOf(SIGNED), { limits: { conditions: 1 } })).admitted).toBe(true)
    const twice = await attacked.judge(attested(), podOf(SIGNED, `${SIGNED}`, 'registry.test/app:signed'), {
      limits: { conditions: 1 },
    })
    expect(twice.outcome).toBe('inconclusive')
    expect(JSON.stringify(twice.rules)).toContain('rule check')
  })

  test('each evaluation has its own budget', async () => {
    const verifier = createImageVerifier({
      policies: policies(),
      registry: attacked.world.registryClient(),
      limits: { requests: 4 },
    })
    for (let i = 0; i < 5; i++) expect((await verifier.verifyResource(podOf(SIGNED))).outcome).toBe('accepted')
  })

  test.each([{ requests: 0 }, { request: 5 }, { bytes: Infinity }, { tokens: '5' }, null])(
    'the budget %j is refused',
    (limits) => {
      expect(() => createImageVerifier({ policies: [], limits: limits as never })).toThrow(VerifierError)
    },
  )
})

test('a condition on a missing field of a predicate rejects; one on missing cluster data does not', async () => {
  const { world } = attacked
  const key = world.key('scanner')
  world.image(SIGNED).unsigned().attestedBy(key, 'https://example.com/scan', { found: 0 })
  const outcome = async (variable: string, context: readonly object[] = []): Promise<string> => {
    const conditions = [{ all: [{ key: `{{ ${variable} }}`, operator: 'Equals', value: 0 }] }]
    const entry = {
      imageReferences: ['registry.test/*'],
      attestations: [{ type: 'https://example.com/scan', attestors: [{ entries: [keyAttestor(key)] }], conditions }],
    }
    const verdict = await attacked.judge(policyOf([entry], { rule: { context } }), podOf(SIGNED))
    return verdict.outcome
  }
  expect(await outcome('found')).toBe('accepted')
  expect(await outcome('critical')).toBe('rejected')
  expect(await outcome('scanner.critical')).toBe('rejected')
  expect(await outcome('request.object.metadata.labels.team')).toBe('inconclusive')
  expect(await outcome('limits.most', [{ name: 'limits', variable: { value: { least: 1 } } }])).toBe('inconclusive')
})

test('exceptions are looked up by the policy they name, without comparing each with each', async () => {
  const count = 60
  let read = 0
  const named = (i: number): string => `policy-${String(i)}`
  const pods = { any: [{ resources: { kinds: ['Pod'] } }] }
  const exceptions = Array.from({ length: count }, (_, i) => ({
    name: named(i),
    namespace: 'default',
    background: false,
    match: pods,
    get exceptions() {
      read++
      return [{ policyName: named(i), ruleNames: ['check'] }]
    },
  }))
  const policy = [signedBy([attacked.world.key('release')])]
  const all = Array.from({ length: count }, (_, i) => policyOf(policy, { name: named(i) }))
  const verifier = createImageVerifier({
    policies: all.flat(),
    exceptions,
    registry: attacked.world.registryClient(),
  })
  attacked.world.image(SIGNED)
  read = 0
  const verdict = await verifier.verifyResource(podOf(SIGNED))
  expect(verdict.rules.map(({ exceptions: by }) => by?.length)).toEqual(Array.from({ length: 2 * count }, () => 1))
  // Both phases.
  expect(read).toBeLessThanOrEqual(4 * count)
})
