import type { Fault, TestImage } from '@verify-images/testing'
import { describe, expect, test } from 'vitest'
import type { Policy } from '@verify-images/policy-parser'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

const attacked = attackedWorld()
const pod = podOf('registry.test/app:1')

/** Where a verification can be kept from looking, and what it then looks for. */
const places: readonly (readonly [string, 'Cosign' | 'SigstoreBundle', RegExp])[] = [
  ['the tag', 'Cosign', /\/manifests\/1$/],
  ['the tag of signatures', 'Cosign', /\.sig$/],
  ['the payload', 'Cosign', /\/blobs\//],
  ['the referrers listing', 'SigstoreBundle', /\/referrers\//],
  ['the manifest of a referrer', 'SigstoreBundle', /\/manifests\/sha256:/],
  ['the bundle', 'SigstoreBundle', /\/blobs\//],
]

function prepare(type: 'Cosign' | 'SigstoreBundle'): {
  readonly image: TestImage
  readonly policies: readonly Policy[]
} {
  const { world } = attacked
  const release = world.key('release')
  const image = world.image('registry.test/app:1')
  if (type === 'Cosign') image.signedBy(release)
  else image.bundledBy(release)
  return { image, policies: policyOf([signedBy([release], { type })]) }
}

type Row = [string, Fault, string]
const codes = (verdict: ResourceVerdict): string =>
  verdict.rules.flatMap(({ reasons }) => reasons.map(({ code }) => code)).join()
const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({ status, body: '', headers })

describe.each(places)('a fault at %s', (_, type, place) => {
  test('control: without a fault the image is admitted', async () => {
    const { policies } = prepare(type)
    expect((await attacked.judge(policies, pod)).admitted).toBe(true)
    expect(attacked.world.registry.requests.some(({ path }) => place.test(path))).toBe(true)
  })

  test.each<Row>([
    ['401', empty(401, { 'WWW-Authenticate': 'Basic realm="x"' }), 'REGISTRY_UNAUTHORIZED'],
    ['401 without a challenge', empty(401), 'REGISTRY_UNAUTHORIZED'],
    [
      'a realm that is refused',
      empty(401, { 'WWW-Authenticate': 'Bearer realm="http://169.254.169.254/token"' }),
      'REGISTRY_',
    ],
    ['403', empty(403), 'REGISTRY_UNAUTHORIZED'],
    ['429', empty(429), 'REGISTRY_RATE_LIMITED'],
    ['429 for a day', empty(429, { 'Retry-After': '86400' }), 'REGISTRY_RATE_LIMITED'],
    ['500', empty(500), 'REGISTRY_UNAVAILABLE'],
    ['502', empty(502), 'REGISTRY_UNAVAILABLE'],
    ['503', empty(503), 'REGISTRY_UNAVAILABLE'],
    ['504', empty(504), 'REGISTRY_TIMEOUT'],
    ['204', { status: 204, body: '' }, 'REGISTRY_'],
    // Where referrers are listed it means that there is no API: see below.
    ...(place.test('/referrers/')
      ? [
          [
            'a redirect to a login page',
            { status: 302, body: '', headers: { Location: 'https://login.test/' } },
            'REGISTRY_REDIRECT_REFUSED',
          ] satisfies Row,
        ]
      : [
          [
            'a login page',
            { body: '<html></html>', headers: { 'Content-Type': 'text/html' } },
            'REGISTRY_',
          ] satisfies Row,
        ]),
    ['a reset connection', { reset: true }, 'REGISTRY_UNAVAILABLE'],
  ])('%s is "could not be checked": never "not signed", and never admitted', async (_name, answer, code) => {
    const { policies } = prepare(type)
    attacked.fault = ({ path }) => (place.test(path) ? answer : undefined)
    const verdict = await attacked.judge(policies, pod)
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive', patches: [] })
    expect(verdict.rules.map(({ status }) => status)).not.toContain('pass')
    expect(codes(verdict)).toContain(code)
    expect(verdict.requests.total).toBeLessThanOrEqual(12)
    expect(attacked.foreign).toEqual([])
  })
})

describe('404', () => {
  test.each<['Cosign' | 'SigstoreBundle', RegExp]>([
    ['Cosign', /\.sig$/],
    ['SigstoreBundle', /\/referrers\//],
  ])('404 at the place of %s signatures is "not signed"', async (type, place) => {
    const { policies } = prepare(type)
    attacked.fault = ({ path }) => (place.test(path) ? empty(404) : undefined)
    const verdict = await attacked.judge(policies, pod)
    expect(verdict).toMatchObject({
      admitted: false,
      outcome: 'rejected',
      rules: [{ status: 'fail', outcome: 'rejected' }],
    })
    expect(codes(verdict)).toContain('ATTESTOR_NO_SIGNATURE')
  })

  test('the fallback tag is read if the referrers listing has another media type', async () => {
    const { policies, image } = prepare('SigstoreBundle')
    attacked.fault = ({ path }) =>
      path.includes('/referrers/') ? { body: '<html></html>', headers: { 'content-type': 'text/html' } } : undefined
    expect(await attacked.judge(policies, pod)).toMatchObject({ admitted: false, outcome: 'rejected' })
    const repository = attacked.world.registry.repository('app')
    attacked.world.registry.putManifest(
      'app',
      JSON.parse(Buffer.from(repository.referrers(image.digest).bytes).toString()),
      {
        tag: image.digest.replace(':', '-'),
      },
    )
    const verdict = await attacked.judge(policies, pod)
    expect(verdict.admitted).toBe(true)
    expect(verdict.rules[0]?.evidence).toMatchObject([{ listedAt: 'fallback-tag' }])
  })

  test('404 of the image itself never admits', async () => {
    const { policies } = prepare('Cosign')
    attacked.fault = ({ path }) => (path.endsWith('/manifests/1') ? empty(404) : undefined)
    expect(await attacked.judge(policies, pod)).toMatchObject({ admitted: false, patches: [] })
  })
})

describe('failurePolicy Ignore', () => {
  test.each<['Cosign' | 'SigstoreBundle', RegExp]>([
    ['Cosign', /\.sig$/],
    ['SigstoreBundle', /\/referrers\//],
  ])(
    'under failurePolicy Ignore, an unsigned image (%s) whose registry resets connections is never shown as verified',
    async (type, place) => {
      const { world } = attacked
      world.image('registry.test/app:1')
      const policies = policyOf([signedBy([world.key('release')], { type })], { spec: { failurePolicy: 'Ignore' } })
      attacked.fault = ({ path }) => (place.test(path) ? { reset: true } : undefined)
      const verdict = await attacked.judge(policies, pod)
      expect(verdict).toMatchObject({ outcome: 'inconclusive', images: [{ verified: false }] })
      expect(verdict.rules.map(({ status }) => status)).not.toContain('pass')
      attacked.fault = undefined
      expect(await attacked.judge(policies, pod)).toMatchObject({ admitted: false, outcome: 'rejected' })
    },
  )
})
