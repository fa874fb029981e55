import { createSigningWorld, type Fault, type LoggedRequest, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from './create-image-verifier.ts'
import { fixedObjects, type KubernetesReader } from './kubernetes.ts'
import { keyAttestor, podOf, policyOf, signedBy } from './testing/policies.ts'
import type { ResourceVerdict } from './verdict/verdict.ts'

let world: SigningWorld
let fault: ((request: LoggedRequest) => Fault | undefined) | undefined
beforeEach(async () => {
  fault = undefined
  world = await createSigningWorld({ faults: (request) => fault?.(request) })
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
})
afterEach(() => world.close())

const release = (): ReturnType<SigningWorld['key']> => world.key('release')

async function judge(
  policies: ImageVerifierOptions['policies'],
  resource: object,
  options: Omit<ImageVerifierOptions, 'policies'> = {},
  request: object = {},
): Promise<ResourceVerdict> {
  return createImageVerifier({ registry: world.registryClient(), ...options, policies }).verifyResource(
    resource,
    request,
  )
}

const difference = (verdict: ResourceVerdict): unknown[] =>
  verdict.rules.flatMap(({ reasons }) => reasons.flatMap((reason) => reason.difference ?? []))

describe('S1: an object whose images cannot be read', () => {
  test.each([
    ['a malformed name', podOf('registry.test/app:signed', 'registry.test/App :x')],
    ['a container without a name', { ...podOf(), spec: { containers: [{ image: 'registry.test/app:signed' }] } }],
    ['containers that are a map', { ...podOf(), spec: { containers: { main: 'registry.test/app:signed' } } }],
    ['a Pod without a spec', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' } }],
    ['an image that is a number', { ...podOf(), spec: { containers: [{ name: 'c', image: 7 }] } }],
  ])('S1: %s is an error, not an object without images', async (_, pod) => {
    const verdict = await judge(policyOf([signedBy([release()])]), pod)
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive', rules: [{ status: 'error' }] })
    expect(difference(verdict)).toEqual(['S1'])
  })

  test.each(['', ' ', '\t'])('a blank image %j is skipped, and the image beside it is verified', async (blank) => {
    const policies = policyOf([signedBy([release()])])
    const admitted = await judge(policies, podOf('registry.test/app:signed', blank))
    expect(admitted).toMatchObject({ admitted: true, images: [{ verified: true }] })
    const denied = await judge(policies, podOf('registry.test/app:unsigned', blank))
    expect(denied).toMatchObject({ admitted: false, outcome: 'rejected' })
    expect(difference(denied)).toEqual([])
  })

  test('control: a Pod with readable images passes', async () => {
    expect(
      (await judge(policyOf([signedBy([release()])]), podOf('registry.test/app:signed', 'registry.test/app:signed')))
        .admitted,
    ).toBe(true)
  })
})

describe('S3: the verification record in the object', () => {
  const record = (image: string): Record<string, string> => ({
    'kyverno.io/verify-images': JSON.stringify({ [image]: 'pass' }),
    'kyverno.io/verify-images-scoped': JSON.stringify({
      version: 1,
      policies: { '/signed': { check: { [image]: 'pass' } } },
    }),
  })
  const recorded = (image: string): object => ({
    ...podOf(image),
    metadata: { name: 'app', namespace: 'default', annotations: record(image) },
  })

  test('the record in the old object does not replace a verification on UPDATE (S3)', async () => {
    const pod = recorded('registry.test/app:unsigned')
    const verdict = await judge(
      policyOf([signedBy([release()], { mutateDigest: false, verifyDigest: false })]),
      pod,
      {},
      { operation: 'UPDATE', oldObject: pod },
    )
    expect(verdict.admitted).toBe(false)
    expect(difference(verdict)).toEqual(['S3'])
  })

  test('the record in the old object counts with the compatibility option (S3)', async () => {
    const pod = recorded('registry.test/app:unsigned')
    const options = { compatibility: { trustRecordsInAnnotations: true } }
    expect(
      (
        await judge(policyOf([signedBy([release()], { mutateDigest: false, verifyDigest: false })]), pod, options, {
          operation: 'UPDATE',
          oldObject: pod,
        })
      ).admitted,
    ).toBe(true)
  })

  test('the record in the object does not satisfy the validating phase alone (S3)', async () => {
    const policies = policyOf([{ imageReferences: ['registry.test/*'], verifyDigest: false, mutateDigest: false }])
    expect(await judge(policies, recorded('registry.test/app:unsigned'))).toMatchObject({
      admitted: false,
      rules: [{ phase: 'validate', message: 'unverified image registry.test/app:unsigned' }],
    })
  })
})

describe('S6: a tag that moves during an evaluation', () => {
  test('a tag that moves during an evaluation is resolved once, and the verified digest is pinned (S6)', async () => {
    const signed = world.image('registry.test/app:flip').signedBy(release())
    const evil = world.image('registry.test/app:evil')
    let asked = 0
    fault = ({ path }) => {
      if (path !== '/v2/app/manifests/flip' || ++asked === 1) return undefined
      return { body: Buffer.from(world.registry.repository('app').manifest(evil.digest)?.bytes ?? []) }
    }
    const verdict = await judge(
      [...policyOf([signedBy([release()])]), ...policyOf([signedBy([release()])], { name: 'second' })],
      podOf('registry.test/app:flip', 'registry.test/app:flip'),
    )
    expect(verdict.admitted).toBe(true)
    expect(verdict.patches.filter(({ op }) => op === 'replace').map(({ value }) => value)).toEqual(
      Array.from({ length: 2 }, () => `registry.test/app:flip@${signed.digest}`),
    )
    expect(world.registry.requests.filter(({ path }) => path === '/v2/app/manifests/flip')).toHaveLength(1)
  })
})

describe('S6: a registry that answers each credential with another image', () => {
  test('two credentials that see two images under one tag never pin an unverified digest (S6)', async () => {
    const one = world.image('registry.test/app:two-faced').signedBy(world.key('one'))
    const two = world.image('registry.test/app:other').signedBy(world.key('two'))
    fault = ({ path, headers }) =>
      path === '/v2/app/manifests/two-faced' && headers['authorization'] !== undefined
        ? {
            body: Buffer.from(world.registry.repository('app').manifest(two.digest)?.bytes ?? []),
            headers: { 'Docker-Content-Digest': two.digest },
          }
        : path.startsWith('/v2/app/manifests/two-faced') || headers['authorization'] !== undefined
          ? undefined
          : path.includes(two.digest)
            ? { status: 401, headers: { 'WWW-Authenticate': 'Basic' }, body: '' }
            : undefined
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'pull', namespace: 'kyverno' },
      stringData: {
        '.dockerconfigjson': JSON.stringify({ auths: { 'registry.test': { username: 'u', password: 'p' } } }),
      },
    }
    const policies = [
      ...policyOf([signedBy([world.key('one')])], { name: 'first' }),
      ...policyOf([signedBy([world.key('two')], { imageRegistryCredentials: { secrets: ['pull'] } })], {
        name: 'second',
      }),
    ]
    const verdict = await judge(policies, podOf('registry.test/app:two-faced'), { kubernetes: fixedObjects([secret]) })
    expect(verdict.admitted).toBe(false)
    expect(verdict.rules.map(({ policy, status }) => `${policy} ${status}`)).toEqual(['first pass', 'second fail'])
    expect(world.registry.requests.filter(({ path }) => path === '/v2/app/manifests/two-faced')).toHaveLength(1)
    expect(one.digest).not.toBe(two.digest)
  })
})

describe('S15: other forms of one reference', () => {
  test('a reference with a digest matches a pattern with a tag (S15)', async () => {
    const { digest } = world.image('registry.test/tagged:1')
    for (const reference of [`registry.test/tagged@${digest}`, `registry.test/tagged:1@${digest}`]) {
      const verdict = await judge(
        policyOf([signedBy([release()], { imageReferences: ['registry.test/tagged:*'] })]),
        podOf(reference),
      )
      expect(verdict.admitted).toBe(false)
      expect(difference(verdict)).toEqual(['S15'])
    }
  })

  test('a signed image that Kyverno does not match has no row, but evidence and a warning (S15)', async () => {
    const { digest } = world.image('registry.test/tagged:1').signedBy(release())
    const verdict = await judge(
      policyOf([signedBy([release()], { imageReferences: ['registry.test/tagged:*'] })]),
      podOf(`registry.test/tagged@${digest}`),
    )
    expect(verdict).toMatchObject({ admitted: true, unmatched: false, rules: [], images: [{ verified: true, digest }] })
    expect(verdict.warnings.join()).toContain('Kyverno would not have checked it')
  })

  test('a reference with a digest escapes a pattern with a tag with the compatibility option (S15)', async () => {
    const { digest } = world.image('registry.test/tagged:1')
    const options = { compatibility: { matchOneSpellingOnly: true } }
    expect(
      await judge(
        policyOf([signedBy([release()], { imageReferences: ['registry.test/tagged:*'] })]),
        podOf(`registry.test/tagged@${digest}`),
        options,
      ),
    ).toMatchObject({ admitted: true, unmatched: true })
  })
})

describe('S16: a signed predicate', () => {
  const SCAN = 'https://example.com/scan'
  const policies = (condition: object): ImageVerifierOptions['policies'] =>
    policyOf([
      {
        imageReferences: ['registry.test/*'],
        attestations: [
          { type: SCAN, attestors: [{ entries: [keyAttestor(release())] }], conditions: [{ all: [condition] }] },
        ],
      },
    ])
  const pod = {
    ...podOf('registry.test/scanned:1'),
    metadata: { name: 'app', namespace: 'default', labels: { tier: 'prod' } },
  }
  const condition = { key: '{{ request.object.metadata.labels.tier }}', operator: 'Equals', value: 'dev' }

  test('a signed predicate with the member `request` does not replace the request (S16)', async () => {
    world
      .image('registry.test/scanned:1')
      .attestedBy(release(), SCAN, { request: { object: { metadata: { labels: { tier: 'dev' } } } } })
    expect((await judge(policies(condition), pod)).admitted).toBe(false)
  })

  test('control: the label of the request itself decides (S16)', async () => {
    world.image('registry.test/scanned:1').attestedBy(release(), SCAN, {})
    expect((await judge(policies({ ...condition, value: 'prod' }), pod)).admitted).toBe(true)
  })

  test('S17: an attested string with a variable is never evaluated', async () => {
    world
      .image('registry.test/scanned:1')
      .attestedBy(release(), SCAN, { level: '{{ request.object.metadata.labels.tier }}' })
    expect((await judge(policies({ key: '{{ level }}', operator: 'Equals', value: 'prod' }), pod)).admitted).toBe(false)
  })

  test('S18: an attested wildcard is never a pattern', async () => {
    world.image('registry.test/scanned:1').attestedBy(release(), SCAN, { builder: '*' })
    const verdict = await judge(policies({ key: '{{ builder }}', operator: 'AnyIn', value: ['a', 'b'] }), pod)
    expect(verdict.admitted).toBe(false)
    expect(difference(verdict)).toEqual(['S18'])
  })
})

describe('deny', () => {
  const denying = (condition: object): ImageVerifierOptions['policies'] =>
    policyOf([signedBy([release()], { validate: { message: 'no', deny: { conditions: { any: [condition] } } } })])

  test('S24: `deny` is evaluated for an entry without attestations', async () => {
    expect(
      await judge(
        denying({ key: '{{ request.object.metadata.name }}', operator: 'Equals', value: 'app' }),
        podOf('registry.test/app:signed'),
      ),
    ).toMatchObject({ admitted: false, rules: [{ message: 'validation in verifyImages failed: no' }] })
    expect(
      (
        await judge(
          denying({ key: '{{ request.object.metadata.name }}', operator: 'Equals', value: 'other' }),
          podOf('registry.test/app:signed'),
        )
      ).admitted,
    ).toBe(true)
  })

  test('an image that one rule verified and another denies is not verified', async () => {
    const denies = {
      imageReferences: ['registry.test/*'],
      required: false,
      verifyDigest: false,
      mutateDigest: false,
      validate: {
        deny: {
          conditions: { any: [{ key: '{{ request.object.metadata.name }}', operator: 'Equals', value: 'app' }] },
        },
      },
    }
    const verified = async (...policies: ImageVerifierOptions['policies']): Promise<unknown> =>
      (await judge(policies, podOf('registry.test/app:signed'))).images.map((image) => image.verified)
    expect(
      await verified(
        ...policyOf([signedBy([release()])]),
        ...policyOf([denies], { name: 'second', spec: { validationFailureAction: 'Audit' } }),
      ),
    ).toEqual([false])
    expect(await verified(...policyOf([signedBy([release()])]))).toEqual([true])
  })

  test('S19: values that cannot be compared deny', async () => {
    const pod = { ...podOf('registry.test/app:signed'), level: null }
    const verdict = await judge(
      denying({ key: '{{ request.object.level }}', operator: 'NotEquals', value: 'high' }),
      pod,
    )
    expect(verdict.admitted).toBe(false)
    expect(difference(verdict)).toEqual(['S19'])
  })
})

describe('S21: labels of the namespace', () => {
  const policies = (): ImageVerifierOptions['policies'] =>
    policyOf([signedBy([release()])], {
      rule: {
        match: { any: [{ resources: { kinds: ['Pod'], namespaceSelector: { matchLabels: { team: 'core' } } } }] },
      },
    })
  const namespace = (labels?: Record<string, string>): KubernetesReader =>
    fixedObjects([
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'default', ...(labels === undefined ? {} : { labels }) },
      },
    ])

  test.each<[string, Omit<ImageVerifierOptions, 'policies'>]>([
    ['no reader', {}],
    ['a missing namespace', { kubernetes: fixedObjects([]) }],
    ['a namespace without labels', { kubernetes: namespace() }],
    [
      'labels that are not strings',
      { kubernetes: { read: () => Promise.resolve({ metadata: { labels: { team: 'core', tier: 1 } } }) } },
    ],
    [
      'a reader that throws',
      {
        kubernetes: {
          read: () => {
            throw new Error('no route')
          },
        },
      },
    ],
  ])('S21: %s is an error, never "no rule matched"', async (_, options) => {
    const verdict = await judge(policies(), podOf('registry.test/app:unsigned'), options)
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive', unmatched: false })
    expect(difference(verdict)).toEqual(['S21'])
  })

  const selecting = (kinds: readonly string[], rest: object = {}): object => ({
    match: { any: [{ resources: { kinds, namespaceSelector: { matchLabels: { team: 'core' } }, ...rest } }] },
  })
  const asking = async (rule: object, image: string): Promise<{ verdict: ResourceVerdict; read: number }> => {
    let read = 0
    const kubernetes: KubernetesReader = {
      read: () => {
        read += 1
        return Promise.reject(new Error('no route'))
      },
    }
    return { verdict: await judge(policyOf([signedBy([release()])], { rule }), podOf(image), { kubernetes }), read }
  }

  test.each<[string, object, string]>([
    ['for another kind', selecting(['Service']), 'registry.test/app:signed'],
    ['for another name', selecting(['Pod'], { names: ['other'] }), 'registry.test/app:signed'],
    ['for other images', selecting(['Pod']), 'elsewhere.test/app:1'],
  ])('labels of the namespace are not read for a rule %s', async (_, rule, image) => {
    const { verdict, read } = await asking(rule, image)
    expect(verdict).toMatchObject({ admitted: true, unmatched: true, rules: [] })
    expect(read).toBe(0)
  })

  test('control: labels of the namespace are read once for a rule that matches, and a failure is one row', async () => {
    const { verdict, read } = await asking(selecting(['Pod']), 'registry.test/app:signed')
    expect(verdict).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
      rules: [{ phase: 'mutate', rule: 'check', status: 'error', code: 'VERIFIER_NAMESPACE_UNAVAILABLE' }],
    })
    expect(verdict.rules).toHaveLength(1)
    expect(read).toBe(1)
  })

  test('labels of the namespace are not read for an override of the failure action if no rule fails', async () => {
    let read = 0
    const kubernetes: KubernetesReader = {
      read: () => {
        read += 1
        return Promise.resolve({ metadata: { labels: { team: 'core' } } })
      },
    }
    const overriding = policyOf([signedBy([release()], { mutateDigest: false, verifyDigest: false })], {
      spec: {
        validationFailureActionOverrides: [{ action: 'Audit', namespaceSelector: { matchLabels: { team: 'core' } } }],
      },
      rule: { exclude: { any: [{ resources: { kinds: ['Pod'], names: ['x'], namespaceSelector: {} } }] } },
    })
    expect((await judge(overriding, podOf('registry.test/app:signed'), { kubernetes })).admitted).toBe(true)
    expect(read).toBe(0)
    await judge(overriding, podOf('registry.test/app:unsigned'), { kubernetes })
    expect(read).toBe(1)
  })

  test('control: labels of the namespace select, as stated or as read', async () => {
    expect(
      (await judge(policies(), podOf('registry.test/app:unsigned'), { kubernetes: namespace({ team: 'core' }) }))
        .admitted,
    ).toBe(false)
    expect(
      (await judge(policies(), podOf('registry.test/app:unsigned'), { kubernetes: namespace({ team: 'web' }) }))
        .unmatched,
    ).toBe(true)
    expect((await judge(policies(), podOf('registry.test/app:unsigned'), {}, { namespaceLabels: {} })).unmatched).toBe(
      true,
    )
  })
})

test('two policies with one name are evaluated separately', async () => {
  const unchecked = policyOf([{ imageReferences: ['registry.test/*'], verifyDigest: false, mutateDigest: false }])
  const verdict = await judge([...policyOf([signedBy([release()])]), ...unchecked], podOf('registry.test/app:signed'))
  expect(verdict).toMatchObject({
    admitted: false,
    rules: [{ status: 'pass' }, { status: 'pass' }, { status: 'fail', code: 'VERIFIER_IMAGE_UNVERIFIED' }],
  })
  expect(
    (
      await judge(
        [...policyOf([signedBy([release()])]), ...policyOf([signedBy([release()])])],
        podOf('registry.test/app:signed'),
      )
    ).admitted,
  ).toBe(true)
})

describe('B24: an override that selects by labels of the namespace', () => {
  const policies = (rule: object = {}): ImageVerifierOptions['policies'] =>
    policyOf([signedBy([release()], { mutateDigest: false })], {
      spec: {
        validationFailureActionOverrides: [{ action: 'Audit', namespaceSelector: { matchLabels: { tier: 'dev' } } }],
      },
      rule,
    })
  const kubernetes = fixedObjects([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels: { tier: 'dev' } } },
  ])
  const selecting = {
    match: { any: [{ resources: { kinds: ['Pod'], namespaceSelector: { matchLabels: { tier: 'dev' } } } }] },
  }
  const admitted = async (
    rule: object,
    options: Omit<ImageVerifierOptions, 'policies'>,
    request: object = {},
  ): Promise<boolean> => (await judge(policies(rule), podOf('registry.test/app:unsigned'), options, request)).admitted

  test('an override by namespace labels is no laxer where a cluster does not read them (B24)', async () => {
    expect(await admitted({}, { kubernetes })).toBe(false)
  })

  test('control: an override by namespace labels applies where they are read or stated (B24)', async () => {
    expect(await admitted(selecting, { kubernetes })).toBe(true)
    expect(await admitted({}, {}, { namespaceLabels: { tier: 'dev' } })).toBe(true)
  })
})

describe('S22: images behind one key', () => {
  test.each([
    ['signed, unsigned', ['signed', 'unsigned']],
    ['unsigned, signed', ['unsigned', 'signed']],
  ])('S22: two containers with one name (%s) are both verified', async (_, tags) => {
    const pod = {
      ...podOf(),
      spec: { containers: tags.map((tag) => ({ name: 'main', image: `registry.test/app:${tag}` })) },
    }
    expect((await judge(policyOf([signedBy([release()])]), pod)).admitted).toBe(false)
  })
})

test('S28: an object cannot choose the pull secret of another namespace', async () => {
  const pod = {
    ...podOf('registry.test/app:signed'),
    spec: { ...podOf('registry.test/app:signed').spec, imagePullSecrets: [{ name: 'kyverno/registry' }] },
  }
  const read: string[] = []
  const kubernetes = {
    read: (kind: string, ns: string | undefined, name: string) => {
      read.push(`${kind} ${String(ns)}/${name}`)
      return Promise.resolve(undefined)
    },
  }
  expect(await judge(policyOf([signedBy([release()])]), pod, { kubernetes })).toMatchObject({
    admitted: false,
    rules: [{ status: 'error', code: 'VERIFIER_CREDENTIALS_UNAVAILABLE', reasons: [{ difference: 'S28' }] }],
  })
  expect(read).toEqual([])
})

test('S30: images that a volume brings in are verified and pinned like any other', async () => {
  const withVolume = (tag: string): object => ({
    ...podOf('registry.test/app:signed'),
    spec: {
      ...podOf('registry.test/app:signed').spec,
      volumes: [{ name: 'v', image: { reference: `registry.test/app:${tag}` } }],
    },
  })
  const denied = await judge(policyOf([signedBy([release()])]), withVolume('unsigned'))
  expect(denied.admitted).toBe(false)
  expect(difference(denied)).toEqual(['S30'])
  const admitted = await judge(policyOf([signedBy([release()])]), withVolume('signed'))
  expect(admitted.admitted).toBe(true)
  expect(admitted.patches.map(({ path }) => path)).toContain('/spec/volumes/0/image/reference')
})
