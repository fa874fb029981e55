import type { Fault, LoggedRequest } from '@verify-images/testing'
import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { Policy } from '@verify-images/policy-parser'

const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const TAG = '/v2/app/manifests/v1'

/**
 * Every way a verification could want to know what the tag stands for: signatures, statements, context, two policies.
 */
function policies(): readonly Policy[] {
  const release = attacked.world.key('release')
  const attested = {
    attestations: [
      {
        type: SCAN,
        attestors: [{ entries: [keyAttestor(release)] }],
        conditions: [{ all: [{ key: '{{ clean }}', operator: 'Equals', value: true }] }],
      },
    ],
  }
  const context = {
    context: [{ name: 'data', imageRegistry: { reference: '{{ request.object.spec.containers[0].image }}' } }],
    preconditions: { all: [{ key: '{{ data.registry }}', operator: 'Equals', value: 'registry.test' }] },
  }
  return [
    ...policyOf([signedBy([release], attested)], { name: 'first', rule: context }),
    ...policyOf([signedBy([release])], { name: 'second' }),
  ]
}

/** A tag that stands for the signed image, and the answer that shows another one in its place. */
function flip(): { readonly signed: string; readonly evil: Fault } {
  const { world } = attacked
  const signed = world
    .image('registry.test/app:v1')
    .signedBy(world.key('release'))
    .attestedBy(world.key('release'), SCAN, { clean: true })
  const evil = world.image('registry.test/app:evil')
  return {
    signed: signed.digest,
    evil: {
      body: Buffer.from(world.registry.repository('app').manifest(evil.digest)?.bytes ?? []),
      headers: { 'Docker-Content-Digest': evil.digest },
    },
  }
}

const pod = podOf('registry.test/app:v1', 'registry.test/app:v1')
const readings = (): readonly string[] => attacked.asked().filter((line) => line.endsWith(TAG))

test('control: the tag is resolved once, and its digest is pinned', async () => {
  const { signed } = flip()
  const verdict = await attacked.judge(policies(), pod)
  expect(verdict.admitted).toBe(true)
  expect(verdict.patches.filter(({ op }) => op === 'replace').map(({ value }) => value)).toEqual([
    `registry.test/app:v1@${signed}`,
    `registry.test/app:v1@${signed}`,
  ])
  expect(readings()).toEqual([`GET ${TAG}`])
})

describe('a tag that stands for another image', () => {
  test.each([0, 1, 2, 3, 4])(
    'a tag that moves after %i requests never has an unverified digest pinned',
    async (honest) => {
      const { signed, evil } = flip()
      let read = 0
      attacked.fault = ({ path }) => (path === TAG && ++read > honest ? evil : undefined)
      const verdict = await attacked.judge(policies(), pod)
      expect(verdict.admitted).toBe(honest > 0)
      expect(
        verdict.patches
          .filter(({ op }) => op === 'replace')
          .every(({ value }) => value === `registry.test/app:v1@${signed}`),
      ).toBe(true)
      expect(readings()).toHaveLength(1)
    },
  )

  const HEAD_ONLY = (request: LoggedRequest): boolean => request.method === 'HEAD'
  test.each<[string, (request: LoggedRequest) => boolean]>([
    ['a HEAD request', HEAD_ONLY],
    [
      'a request that accepts an index first',
      ({ headers }) => String(headers['accept']).startsWith('application/vnd.oci.image.index'),
    ],
    ['a request that accepts any media type', ({ headers }) => String(headers['accept']).includes('*/*')],
    [
      'a client of a container runtime',
      ({ headers }) => /containerd|docker|cri-o/i.test(String(headers['user-agent'])),
    ],
    ['a client without a User-Agent', ({ headers }) => headers['user-agent'] === undefined],
  ])('a tag that shows another image to %s is resolved by one request', async (_, shown) => {
    const { signed, evil } = flip()
    attacked.fault = (request) => (request.path === TAG && shown(request) ? evil : undefined)
    const verdict = await attacked.judge(policies(), pod)
    for (const { op, value } of verdict.patches)
      if (op === 'replace') expect(value).toBe(`registry.test/app:v1@${signed}`)
    expect(attacked.world.registry.requests.filter(({ path }) => path === TAG).map(({ method }) => method)).toEqual([
      'GET',
    ])
    expect(verdict.admitted).toBe(
      !attacked.world.registry.requests.some((request) => request.path === TAG && shown(request)),
    )
  })

  test('another image under a header with the signed digest is refused', async () => {
    const { signed, evil } = flip()
    attacked.fault = ({ path }) =>
      path === TAG ? { ...evil, headers: { 'Docker-Content-Digest': signed } } : undefined
    const verdict = await attacked.judge(policies(), pod)
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive', patches: [] })
    expect(verdict.rules.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toContain(
      'REGISTRY_DIGEST_MISMATCH',
    )
  })
})
