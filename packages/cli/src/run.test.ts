import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from './run.ts'

let world: SigningWorld
let files: Map<string, string>
let out: string
let talk: string[]

beforeEach(async () => {
  world = await createSigningWorld()
  out = ''
  talk = []
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
  files = new Map([['policy.yaml', policy(world.key('release').publicKey)], ['signed.yaml', pod('signed')], ['unsigned.yaml', pod('unsigned')]])
})
afterEach(() => world.close())

const policy = (publicKey: string, spec = 'validationFailureAction: Enforce', entry = ''): string => `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  ${spec}
  background: false
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*', 'closed.test/*']
          ${entry}
          attestors: [{ entries: [{ keys: { publicKeys: ${JSON.stringify(publicKey)}, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }] }]
`
const pod = (tag: string, host = 'registry.test'): string => `apiVersion: v1\nkind: Pod\nmetadata: { name: app, namespace: default }\nspec: { containers: [{ name: main, image: '${host}/app:${tag}' }] }\n`

async function verifyImages(...argv: readonly string[]): Promise<number> {
  return run([...argv, '--registry-endpoint', `registry.test=${world.registry.endpoint}`, '--registry-endpoint', 'closed.test=http://127.0.0.1:9'], {
    readFile: (path) => (files.has(path) ? Promise.resolve(files.get(path) ?? '') : Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))),
    write: (data) => { out += data },
    talk: (line) => talk.push(line),
    environment: {},
    home: '/nowhere',
    now: () => new Date('2026-11-25T00:00:00Z'),
  })
}

test('0 for what is admitted, with the pinned digest', async () => {
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')).toBe(0)
  expect(out).toMatch(/^Pod default\/app: admitted: every rule holds\n {2}\/spec\/containers\/0\/image: registry\.test\/app:signed is sha256:[0-9a-f]{64}\n$/)
})

test('1 for what is denied', async () => {
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'unsigned.yaml')).toBe(1)
  expect(out).toContain('Pod default/app: refused: signed/check: failed to verify image registry.test/app:unsigned')
})

test('2 for what could not be checked: a registry that refuses is not a missing signature', async () => {
  files.set('closed.yaml', pod('1', 'closed.test'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'closed.yaml')).toBe(2)
  expect(out).toContain('could not be checked')
})

test('1 wins over 2, for several at once', async () => {
  files.set('closed.yaml', pod('1', 'closed.test'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'closed.yaml', '--resource', 'unsigned.yaml', '--resource', 'signed.yaml')).toBe(1)
})

test('64 with a place for a policy that is not accepted', async () => {
  files.set('policy.yaml', policy('x').replace('imageReferences', 'imageReference'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml')).toBe(64)
  expect(talk.join('\n')).toMatch(/policy\.yaml:12:\d+ spec\.rules\[0\]\.verifyImages\[0\]\.imageReference: POLICY_FIELD_UNKNOWN/)
  expect(out).toBe('')
})

test.each([
  ['a file that is not there', ['apply', 'gone.yaml', '--resource', 'signed.yaml'], /cannot read gone\.yaml: ENOENT/],
  ['a resource that is not YAML', ['apply', 'policy.yaml', '--resource', 'broken.yaml'], /broken\.yaml/],
  ['a resource that is no object', ['apply', 'policy.yaml', '--resource', 'list.yaml'], /not a Kubernetes object/],
  ['a resource without a kind', ['apply', 'policy.yaml', '--resource', 'nothing.yaml'], /apiVersion and kind/],
  ['no command', [], /no command given/],
])('64 for %s', async (_, argv, message) => {
  files.set('broken.yaml', 'a: [').set('list.yaml', '- 1').set('nothing.yaml', 'a: 1')
  expect(await verifyImages(...argv)).toBe(64)
  expect(talk.join('\n')).toMatch(message)
  expect(talk.join('\n')).not.toContain('\n    at ')
})

test('1 for what is denied in a list of any name, as kubectl reads lists', async () => {
  const item = '{ metadata: { name: app, namespace: default }, spec: { containers: [{ name: main, image: "registry.test/app:TAG" }] } }'
  const list = (tag: string): string => `apiVersion: v1\nkind: PodList\nitems: [${item.replace('TAG', tag)}]\n`
  files.set('bad.yaml', list('unsigned')).set('good.yaml', list('signed'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'bad.yaml')).toBe(1)
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'good.yaml')).toBe(0)
})

test('64 when there is nothing to judge', async () => {
  files.set('empty.yaml', 'apiVersion: v1\nkind: PodList\nitems: []\n')
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'empty.yaml')).toBe(64)
  expect(talk.join()).toContain('the files hold no object')
})

test('nothing that is judged writes lines, or moves the cursor, of the verdict', async () => {
  files.set('hostile.yaml', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app\nPod default/app: admitted', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'registry.test/app:1\u001b[2K\nPod default/app: admitted' }] } }))
  expect(await verifyImages('explain', 'policy.yaml', '--resource', 'hostile.yaml')).toBe(2)
  expect(`${out}${talk.join('\n')}`).not.toMatch(/^Pod default\/app: admitted/m)
  expect(`${out}${talk.join('\n')}`).not.toContain('\u001b')
})

test('prints the verdict as data, talk apart from it', async () => {
  files.set('policy.yaml', policy(world.key('release').publicKey, 'validationFailureAction: Audit', 'mutateDigest: false'))
  expect(await verifyImages('apply', 'policy.yaml', '--resource', 'unsigned.yaml', '--output', 'json')).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, verdicts: [{ subject: 'Pod default/app', admitted: true, outcome: 'rejected', rules: [{ status: 'fail' }, { status: 'fail' }] }] })
  expect(talk.join('\n')).toContain('warning: Pod default/app: policy signed.check: failed to verify image')
})

test('judges an image as if a Pod ran it', async () => {
  expect(await verifyImages('apply', 'policy.yaml', '--image', 'registry.test/app:signed')).toBe(0)
  expect(out).toMatch(/registry\.test\/app:signed@sha256:[0-9a-f]{64}/)
})

test('explains with every row and its evidence', async () => {
  await verifyImages('explain', 'policy.yaml', '--image', 'registry.test/app:signed')
  expect(out).toMatch(/\+ cosign-signature over sha256:[0-9a-f]{64} by key [0-9a-f]{64}/)
})

test('writes a report', async () => {
  await verifyImages('apply', 'policy.yaml', '--resource', 'signed.yaml', '--report')
  expect(JSON.parse(out)).toMatchObject({ kind: 'PolicyReport', results: [{ policy: 'signed', rule: 'check', result: 'pass' }], summary: { pass: 1, fail: 0 } })
})

test('draws what is attached to an image', async () => {
  expect(await verifyImages('tree', 'registry.test/app:signed', 'registry.test/app:unsigned')).toBe(0)
  expect(out).toMatch(/└── signature sha256:[0-9a-f]{64} \(tag sha256-[0-9a-f]{64}\.sig\)/)
  expect(out).toContain('└── nothing is attached')
})

test('2 for a tree that could not be looked at', async () => {
  expect(await verifyImages('tree', 'closed.test/app:1')).toBe(2)
  expect(talk).toHaveLength(1)
})

test('prints its version, which is that of the package', async () => {
  expect(await verifyImages('--version')).toBe(0)
  const manifest = (await import('../package.json', { with: { type: 'json' } })) as { default: { version: string } }
  expect(out).toBe(`${manifest.default.version}\n`)
})
