import type { Descriptor, TestImage } from '@verify-images/testing'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseDigest } from '@verify-images/primitives'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

/** Much of everything: whatever is counted, fetched or built ends at a bound, and the bound never admits. */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const INDEX = 'application/vnd.oci.image.index.v1+json'

/** Runs a judgement, and holds it to a time that leaves room for a slow machine. */
async function within(milliseconds: number, work: () => Promise<ResourceVerdict>): Promise<ResourceVerdict> {
  const started = performance.now()
  const verdict = await work()
  expect(performance.now() - started).toBeLessThan(milliseconds)
  return verdict
}

const count = (part: string): number => attacked.asked().filter((line) => line.includes(part)).length
const strange = (n: number): Descriptor => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  digest: parseDigest(`sha256:${n.toString(16).padStart(64, '0')}`),
  size: 500,
})

describe('many referrers', () => {
  function bundled(): { readonly good: readonly object[]; readonly image: TestImage } {
    const { world } = attacked
    const image = world.image('registry.test/app:1').bundledBy(world.key('release'))
    return {
      image,
      good: (
        JSON.parse(Buffer.from(world.registry.repository('app').referrers(image.digest).bytes).toString()) as {
          manifests: object[]
        }
      ).manifests,
    }
  }
  const policies = (): ReturnType<typeof policyOf> =>
    policyOf([signedBy([attacked.world.key('release')], { type: 'SigstoreBundle' })])
  const others = Array.from({ length: 9_999 }, (_, i) => strange(i))

  // Fifty are read, those first whose listing names a type that can serve; of ten thousand the listing itself is cut
  // short.
  test.each<[string, (good: readonly object[]) => readonly object[], boolean]>([
    ['fifty referrers, the valid one first', (good) => [...good, ...others.slice(0, 49)], true],
    ['fifty referrers, the valid one last', (good) => [...others.slice(0, 49), ...good], true],
    ['fifty-one referrers, the valid one first', (good) => [...good, ...others.slice(0, 50)], true],
    ['fifty-one referrers, the valid one last', (good) => [...others.slice(0, 50), ...good], true],
    ['ten thousand referrers, the valid one first', (good) => [...good, ...others], true],
    ['ten thousand referrers, the valid one last', (good) => [...others, ...good], false],
  ])('a listing of %s', async (_, list, admitted) => {
    const { good } = bundled()
    const manifests = list(good)
    attacked.fault = ({ path }) =>
      path.includes('/referrers/')
        ? {
            body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }),
            headers: { 'Content-Type': INDEX },
          }
        : undefined
    const verdict = await within(4_000, () => attacked.judge(policies(), podOf('registry.test/app:1')))
    expect(verdict.admitted).toBe(admitted)
    expect(verdict.requests.total).toBeLessThanOrEqual(55)
  })

  test('a listing with one referrer per page ends at the limit of pages', async () => {
    bundled()
    let page = 0
    attacked.fault = ({ path }) =>
      path.includes('/referrers/')
        ? {
            body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [strange(++page)] }),
            headers: { 'Content-Type': INDEX, Link: `<${path.split('?')[0] ?? ''}?n=${String(page)}>; rel="next"` },
          }
        : undefined
    const verdict = await within(4_000, () => attacked.judge(policies(), podOf('registry.test/app:1')))
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    expect(page).toBeLessThanOrEqual(20)
  })
})

describe('five thousand signatures in one manifest', () => {
  test.each([
    [900, true],
    [5_000, false],
  ])('a manifest of %i signatures by another signer, followed by the valid one', async (strangers, admitted) => {
    const { world } = attacked
    const image = world.image('registry.test/app:1').signedBy(world.key('stranger')).signedBy(world.key('release'))
    const store = world.registry.repository('app')
    const tag = `${image.digest.replace(':', '-')}.sig`
    const manifest = JSON.parse(Buffer.from(store.manifest(tag)?.bytes ?? []).toString()) as { layers: object[] }
    const [foreign = {}, good = {}] = manifest.layers
    const body = JSON.stringify({ ...manifest, layers: [...Array.from({ length: strangers }, () => foreign), good] })
    attacked.fault = ({ path }) =>
      path.endsWith('.sig')
        ? { body, headers: { 'Docker-Content-Digest': `sha256:${createHash('sha256').update(body).digest('hex')}` } }
        : undefined
    const verdict = await within(5_000, () =>
      attacked.judge(policyOf([signedBy([world.key('release')])]), podOf('registry.test/app:1')),
    )
    expect(verdict.admitted).toBe(admitted)
    expect(verdict.requests.total).toBeLessThanOrEqual(4)
  })
})

describe('ten attestors, twenty images', () => {
  const images = Array.from({ length: 20 }, (_, i) => `registry.test/app:${String(i)}`)
  const policies = (): ReturnType<typeof policyOf> =>
    policyOf([
      signedBy(
        [...Array.from({ length: 9 }, (_, i) => attacked.world.key(`k${String(i)}`)), attacked.world.key('release')],
        {
          attestors: [
            {
              count: 1,
              entries: [
                ...Array.from({ length: 9 }, (_, i) => attacked.world.key(`k${String(i)}`)),
                attacked.world.key('release'),
              ].map((key) => keyAttestor(key)),
            },
          ],
        },
      ),
    ])

  test('control: ten attestors and twenty images fetch each manifest and blob once', async () => {
    for (const image of images) attacked.world.image(image).signedBy(attacked.world.key('release'))
    expect((await attacked.judge(policies(), podOf(...images))).admitted).toBe(true)
    expect(attacked.asked()).toHaveLength(60)
  })

  test.each([503, 429, 500])(
    'ten attestors and twenty images share the failures of a registry that answers %i',
    async (status) => {
      for (const image of images) attacked.world.image(image).signedBy(attacked.world.key('release'))
      attacked.fault = () => ({ status, body: '' })
      expect(await within(5_000, () => attacked.judge(policies(), podOf(...images)))).toMatchObject({
        admitted: false,
        outcome: 'inconclusive',
      })
      expect(attacked.asked().length).toBeLessThanOrEqual(20 * 3)
      for (const image of images) expect(count(`/manifests/${image.split(':')[1] ?? ''}`)).toBeGreaterThan(0)
    },
  )

  test.each<[string, (path: string) => string]>([
    ['itself', (path) => path],
    ['another location each time', (path) => `${path}x`],
  ])('a registry that redirects to %s is given up', async (_, location) => {
    attacked.world.image('registry.test/app:0').signedBy(attacked.world.key('release'))
    attacked.fault = ({ path }) => ({ status: 302, headers: { Location: location(path) }, body: '' })
    expect(await within(5_000, () => attacked.judge(policies(), podOf('registry.test/app:0')))).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
    })
    expect(attacked.asked().length).toBeLessThanOrEqual(6)
  })

  test('evaluations of a stalled registry end at the deadline, and no other evaluation waits', async () => {
    const { world } = attacked
    for (const image of images) world.image(image).signedBy(world.key('release'))
    world.image('registry.test/other:1').signedBy(world.key('release'))
    attacked.fault = ({ path }) => (path.includes('/app/') ? { hang: true } : undefined)
    const started = performance.now()
    const [stalled, other] = await Promise.all([
      attacked.judge(policies(), podOf(...images), {}, { deadlineMs: 400 }),
      attacked
        .judge(policies(), podOf('registry.test/other:1'))
        .then((verdict) => ({ verdict, after: performance.now() - started })),
    ])
    expect(stalled).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(other.verdict.admitted).toBe(true)
    expect(other.after).toBeLessThan(2_000)
  })
})

describe('expressions that multiply their input', () => {
  const release = (): ReturnType<typeof attacked.world.key> => attacked.world.key('release')
  const context = (entries: readonly object[], key: string): ReturnType<typeof policyOf> =>
    policyOf([signedBy([release()])], {
      rule: { context: entries, preconditions: { all: [{ key, operator: 'NotEquals', value: 'never' }] } },
    })
  const variable = (name: string, jmesPath: string): object => ({ name, variable: { jmesPath } })
  const doubled = (times: number): readonly object[] => [
    { name: 'v0', variable: { value: 'x'.repeat(1_000) } },
    ...Array.from({ length: times }, (_, i) =>
      variable(`v${String(i + 1)}`, `join('', [v${String(i)}, v${String(i)}])`),
    ),
  ]

  async function blocked(entries: readonly object[], key: string): Promise<void> {
    const verdict = await within(3_000, () => attacked.judge(context(entries, key), podOf('registry.test/app:1')))
    expect(verdict).toMatchObject({ admitted: false, rules: [{ status: 'error' }] })
  }

  test('control: an expression that doubles its input five times is evaluated', async () => {
    attacked.world.image('registry.test/app:1').signedBy(release())
    expect((await attacked.judge(context(doubled(5), '{{ length(v5) }}'), podOf('registry.test/app:1'))).admitted).toBe(
      true,
    )
  })

  test('an expression that doubles its input forty times is refused', async () => blocked(doubled(40), '{{ v40 }}'))
  test('an expression that nests arrays thirty times is refused', async () =>
    blocked(
      [
        { name: 'v0', variable: { value: Array.from({ length: 100 }, () => 'x') } },
        ...Array.from({ length: 30 }, (_, i) => variable(`v${String(i + 1)}`, `[v${String(i)}[], v${String(i)}[]][]`)),
      ],
      '{{ length(v30) }}',
    ))
  test('a variable that depends on itself is refused', async () => blocked([variable('v', 'v')], '{{ v }}'))
  test('two variables that depend on each other are refused', async () =>
    blocked([variable('a', 'b'), variable('b', 'a')], '{{ a }}'))
  test('a random string of unlimited length is refused', async () =>
    blocked([variable('v', "random('[a-z]{100000000}')")], '{{ v }}'))

  test.each([
    ['parentheses', `${'('.repeat(5_000)}a${')'.repeat(5_000)}`],
    ['arrays', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['negations', `${'!'.repeat(5_000)}a`],
    ['functions', `${'length('.repeat(5_000)}${')'.repeat(5_000)}`],
    ['variables', `${'a.{{ '.repeat(50)}b${' }}'.repeat(50)}`],
  ])('five thousand nested %s are refused with the policy', (_, expression) => {
    const started = performance.now()
    expect(() => context([], `{{ ${expression} }}`)).toThrow(expect.objectContaining({ name: 'PolicyError' }))
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('an attested string that conditions repeat a thousand times is limited', async () => {
    attacked.world.image('registry.test/app:1').attestedBy(release(), SCAN, { text: 'y'.repeat(200_000) })
    const value = '{{ text }}'.repeat(1_000)
    const policies = policyOf([
      {
        imageReferences: ['registry.test/*'],
        attestations: [
          {
            type: SCAN,
            attestors: [{ entries: [keyAttestor(release())] }],
            conditions: [{ all: [{ key: value, operator: 'Equals', value }] }],
          },
        ],
      },
    ])
    expect(await within(4_000, () => attacked.judge(policies, podOf('registry.test/app:1')))).toMatchObject({
      admitted: false,
    })
  })
})

describe('documents without a limit of size', () => {
  test.each([
    ['a manifest', /\/manifests\/1$/],
    ['signatures', /\.sig$/],
    ['a payload', /\/blobs\//],
  ])('%s of 40 MB makes the outcome inconclusive', async (_, place) => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('release'))
    const body = Buffer.alloc(40 * 1024 * 1024, ' ')
    attacked.fault = ({ path }) => (place.test(path) ? { body } : undefined)
    expect(
      await within(4_000, () =>
        attacked.judge(policyOf([signedBy([attacked.world.key('release')])]), podOf('registry.test/app:1')),
      ),
    ).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  })

  test('an index nested a thousand levels deep, or with fifty thousand children, fetches no child', async () => {
    const { world } = attacked
    const child = world.image('registry.test/app:child').signedBy(world.key('release'))
    const manifests = Array.from({ length: 50_000 }, () => ({
      ...child.descriptor,
      platform: { os: 'linux', architecture: 'amd64' },
    }))
    const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })
    attacked.fault = ({ path }) =>
      path.endsWith('/manifests/1')
        ? {
            body,
            headers: {
              'Content-Type': INDEX,
              'Docker-Content-Digest': `sha256:${createHash('sha256').update(body).digest('hex')}`,
            },
          }
        : undefined
    world.image('registry.test/app:1')
    for (const platforms of ['index', 'any-child', 'every-child', ['linux/amd64']] as const) {
      const before = attacked.asked().length
      const verdict = await within(4_000, () =>
        attacked.judge(policyOf([signedBy([world.key('release')])]), podOf('registry.test/app:1'), { platforms }),
      )
      expect(verdict.admitted).toBe(false)
      expect(attacked.asked().length - before).toBeLessThanOrEqual(10)
    }
  })
})
