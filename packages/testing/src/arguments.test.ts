import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createSigningKey,
  createSigningWorld,
  cycloneDx,
  githubWorkflow,
  provenance,
  startLoopbackRegistry,
  vulnerabilities,
  type SigningWorld,
} from './index.ts'

// Arguments that callers without types may pass. Ignored, each would leave something intact that the test wants broken.

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

const person = { subject: 'user@example.com', issuer: 'https://accounts.example.com' }
const scan = vulnerabilities()
const image = (): ReturnType<SigningWorld['image']> => world.image('registry.test/app:1')
const certified = (): ReturnType<ReturnType<SigningWorld['certificateAuthority']>['issue']> =>
  world.certificateAuthority('a').issue('a')

type Case = readonly [title: string, call: () => unknown, path: string]

function rejectsEach(cases: readonly Case[]): void {
  test.each(cases)('reject %s', (_, call, path) => {
    expect(call).toThrow(
      expect.objectContaining({ name: 'RangeError', message: expect.stringContaining(`\`${path}\``) }),
    )
  })
}

describe('signedBy and signedKeylessly', () => {
  rejectsEach([
    [
      'a misspelt flaw',
      () => image().signedBy(world.key('a'), {}, { flaw: 'brocken-signature' } as never),
      'brocken-signature',
    ],
    ['a misspelt option', () => image().signedKeylessly(person, { flaws: ['other-digest'] } as never), 'flaws'],
    ['an unknown log', () => image().signedKeylessly(person, { log: 'v3' } as never), 'v3'],
    ['a time as a string', () => image().signedKeylessly(person, { at: '2026-01-01' } as never), 'at'],
    ['an invalid time', () => image().signedKeylessly(person, { at: new Date('never') }), 'at'],
    ['a missing key', () => image().signedBy(undefined as never), 'key'],
    ['an identity where a key is expected', () => image().signedBy(person as never), 'key'],
    ['a key where an identity is expected', () => image().signedKeylessly(world.key('a') as never), 'identity.kind'],
    ['an unknown member of an identity', () => image().signedKeylessly({ subjet: 'x' } as never), 'identity.subjet'],
    ['an identity without an issuer', () => image().signedKeylessly({ subject: 'x' } as never), 'identity.issuer'],
    ['an empty subject', () => image().signedKeylessly({ ...person, subject: '' }), 'identity.subject'],
    [
      'an unknown claim',
      () => image().signedKeylessly({ ...person, claims: { githubWorkflowReff: 'x' } } as never),
      'identity.claims.githubWorkflowReff',
    ],
    [
      'options in place of annotations',
      () => image().signedBy(world.key('a'), { flaw: 'broken-signature' }),
      'annotations.flaw',
    ],
    [
      'annotations given twice',
      () => image().signedBy(world.key('a'), { a: '1' }, { annotations: { a: '2' } }),
      'annotations',
    ],
    ['an annotation that is not a string', () => image().signedBy(world.key('a'), { a: 1 } as never), 'annotations.a'],
    [
      'a world in place of a Sigstore instance',
      () => image().signedKeylessly(person, { instance: world as never }),
      'instance',
    ],
    ['a hash for an Ed25519 key', () => image().signedBy(createSigningKey('Ed25519'), {}, { hash: 'sha512' }), 'hash'],
    ['an image of no world', () => image().withSignaturesOf({ ...image() }), 'other'],
  ])
})

describe('attestedBy and attestedKeylessly', () => {
  rejectsEach([
    ['a misspelt flaw', () => image().attestedBy(world.key('a'), scan, { flaw: 'x' } as never), 'flaw'],
    [
      'an unknown member of an attestation',
      () => image().attestedBy(world.key('a'), { predicateType: 'x', predicate: {} } as never),
      'attestation.predicateType',
    ],
    ['a missing attestation', () => image().attestedKeylessly(person, undefined as never), 'attestation'],
    [
      'an attestation without a type',
      () => image().attestedBy(world.key('a'), { predicate: {} } as never),
      'attestation.type',
    ],
    [
      'an attestation without a predicate',
      () => image().attestedBy(world.key('a'), { type: 'x' } as never),
      'attestation.predicate',
    ],
    [
      'a predicate type without a predicate',
      () => image().attestedBy(world.key('a'), 'https://example.com/scan', undefined),
      'attestation.predicate',
    ],
    [
      'a predicate that is not JSON',
      () => image().attestedBy(world.key('a'), 'https://example.com/scan', 1n),
      'attestation.predicate',
    ],
  ])

  test('reject a predicate after an attestation', () => {
    expect(() => image().attestedBy(world.key('a'), scan as never, {}, {})).toThrow(RangeError)
  })
})

describe('bundledBy, bundledKeylessly and attestedByGitHub', () => {
  rejectsEach([
    ['an unknown version', () => image().bundledBy(world.key('a'), { version: '0.4' } as never), '0.4'],
    ['unknown content', () => image().bundledBy(world.key('a'), { content: 'mesage' } as never), 'attestation'],
    ['an unknown log entry kind', () => image().bundledKeylessly(person, { entry: 'dse' } as never), 'entry'],
    ['a missing identity', () => image().bundledKeylessly(undefined as never), 'identity'],
    ['a missing key', () => image().bundledBy(undefined as never), 'key'],
    ['a run without a repository', () => image().attestedByGitHub({} as never), 'repository'],
    [
      'content for a GitHub attestation, which it would replace',
      () => image().attestedByGitHub({ repository: 'acme/app' }, { content: scan } as never),
      'content',
    ],
  ])
})

describe('notarizedBy and notaryAttestedBy', () => {
  rejectsEach([
    ['an unknown envelope', () => image().notarizedBy(certified(), { envelope: 'cosee' } as never), 'cosee'],
    ['a key without a certificate', () => image().notarizedBy(world.key('a') as never), 'key'],
    ['a missing artifact type', () => image().notaryAttestedBy(certified(), undefined as never, {}), 'artifactType'],
    ['a missing document', () => image().notaryAttestedBy(certified(), 'sbom/cyclone-dx', undefined), 'document'],
    [
      'a document that is not JSON',
      () => image().notaryAttestedBy(certified(), 'sbom/cyclone-dx', () => 1),
      'document',
    ],
    [
      'an unknown option',
      () => image().notaryAttestedBy(certified(), 'sbom/x', {}, { expires: 1 } as never),
      'expires',
    ],
  ])
})

describe('the world', () => {
  rejectsEach([
    ['an unknown key kind', () => world.key('z', 'P-999' as never), 'P-999'],
    ['a fresh key of an unknown kind', () => createSigningKey('ed25519' as never), 'ed25519'],
    ['a key without a name', () => world.key(undefined as never), 'name'],
    ['an authority with an empty name', () => world.certificateAuthority(''), 'name'],
    ['an instance with an object as its name', () => world.sigstore({} as never), 'name'],
    ['a certificate without a name', () => world.certificateAuthority('a').issue(undefined as never), 'name'],
    [
      'an unknown option of a certificate',
      () => world.certificateAuthority('a').issue('a', { notafter: new Date() } as never),
      'notafter',
    ],
    ['platforms as an array', () => world.index('registry.test/index:1', [image()] as never), 'platforms'],
    ['an index without images', () => world.index('registry.test/index:1', {}), 'platforms'],
    [
      'a reference in place of an image',
      () => world.index('registry.test/index:1', { 'linux/amd64': 'registry.test/app:1' } as never),
      'platforms.linux/amd64',
    ],
    ['a missing reference', () => world.image(undefined as never), 'reference'],
    ['a repository without a name', () => world.registry.repository(''), 'repository'],
  ])

  test.each(['linux', 'linux/', '/amd64', 'linux/amd64/v8/x', 'Linux/amd64', 'linux amd64', ''])(
    'rejects the platform %j',
    (platform) => {
      expect(() => world.index('registry.test/index:1', { [platform]: image() })).toThrow(
        /^platform .*os\/architecture/,
      )
    },
  )

  test.each([
    ['app', 'has no host'],
    ['app:1', 'has no host'],
    ['acme/app:1', 'starts with a path that is not a host'],
    ['registry.test/app', 'has no tag'],
    ['registry.test/app@sha256:00', 'has a digest'],
    ['registry.test/App:1', 'has an upper-case repository'],
    ['registry.test/a:1', 'has a repository of one letter'],
    ['registry.test/app:', 'has an empty tag'],
    ['https://registry.test/app:1', 'is a URL'],
    [' registry.test/app:1', 'starts with a blank'],
  ])('rejects the reference %j, which %s', (reference) => {
    expect(() => world.image(reference)).toThrow(RangeError)
  })

  test.each(['registry.test/app:1', 'registry.test:5000/a/b:v1.2', 'localhost/app:1', 'registry:5000/app:1'])(
    'accepts the reference %s',
    (reference) => {
      expect(world.image(reference).reference).toBe(reference)
    },
  )

  test.each([
    [{ fault: () => undefined }, 'fault'],
    [{ now: 'x' }, 'now'],
    [{ referrersApi: 'no' }, 'referrersApi'],
    [{ tls: { key: '', cert: '' } }, 'tls'],
  ])('the world is not created with the options %j', async (options, path) => {
    await expect(createSigningWorld(options as never)).rejects.toThrow(`\`${path}\``)
  })

  test('keeps the kind of a key', () => {
    expect(world.key('kind', 'Ed25519')).toBe(world.key('kind'))
    expect(() => world.key('kind', 'P-256')).toThrow('the key kind already exists, of kind Ed25519')
  })
})

describe('predicates', () => {
  rejectsEach([
    ['an unknown severity', () => vulnerabilities({ critcal: 5 } as never), 'critcal'],
    ['a count as a string', () => vulnerabilities({ critical: '5' } as never), 'critical'],
    ['a negative count', () => vulnerabilities({ high: -1 }), 'high'],
    ['components that are not an array', () => cycloneDx('libexample' as never), 'components'],
    [
      'an unknown member of a component',
      () => cycloneDx([{ name: 'x', version: '1', licence: 'MIT' }] as never),
      'components[0].licence',
    ],
    ['a component without a version', () => cycloneDx([{ name: 'x' }] as never), 'components[0].version'],
    ['an unknown member of a workflow run', () => githubWorkflow({ repo: 'acme/app' } as never), 'repo'],
    ['a repository without an owner', () => githubWorkflow({ repository: 'app' }), 'repository'],
    ['a run without a repository', () => provenance({} as never), 'repository'],
  ])
})

describe('the loopback registry', () => {
  test.each([
    [{ now: new Date() }, 'now'],
    [{ tls: { key: 'x' } }, 'tls.cert'],
    [{ faults: {} }, 'faults'],
  ])('the loopback registry is not started with the options %j', async (options, path) => {
    await expect(startLoopbackRegistry(options as never)).rejects.toThrow(`\`${path}\``)
  })

  test('rejects unknown options of a manifest', async () => {
    const registry = await startLoopbackRegistry()
    expect(() => registry.putManifest('app', {}, { tags: ['1'] } as never)).toThrow('`tags`')
    await registry.close()
  })

  test.each([
    ['has a misspelt member', () => ({ statsu: 503 }), '`fault.statsu`'],
    ['is not an object', () => 503, '`fault`'],
    [
      'throws',
      () => {
        throw new Error('no fault for you')
      },
      'no fault for you',
    ],
  ])('answers 500 if a fault %s, and reports that when it closes', async (_, faults, message) => {
    const registry = await startLoopbackRegistry({ faults: faults as never })
    expect((await fetch(`${registry.endpoint}/v2/`)).status).toBe(500)
    await expect(registry.close()).rejects.toThrow(message)
  })
})

test('an argument that is rejected leaves the image as it was', () => {
  const app = world.image('registry.test/unchanged:1').signedBy(world.key('a'))
  const store = world.registry.repository('unchanged')
  const tag = `${app.digest.replace(':', '-')}.sig`
  const before = store.manifest(tag)?.digest
  expect(() => app.resignedBy(undefined as never)).toThrow(RangeError)
  expect(() => app.notaryAttestedBy(world.key('a') as never, 'sbom/x', {})).toThrow(RangeError)
  expect(() => app.signedBy(world.key('a'), {}, { log: 'v2' })).toThrow(RangeError)
  expect(store.manifest(tag)?.digest).toBe(before)
  expect(store.referringTo(app.digest)).toEqual([])
})

test('undefined options have their defaults', () => {
  expect(githubWorkflow({ repository: 'acme/app', ref: undefined })).toEqual(githubWorkflow({ repository: 'acme/app' }))
  expect(() => image().signedKeylessly(person, { flaw: undefined, at: undefined })).not.toThrow()
})
