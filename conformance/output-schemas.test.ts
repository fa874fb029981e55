import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, shared with the scorer
import { startCorpusRegistry } from './corpus/serve.mjs'

const root = join(import.meta.dirname, '..')
const readJson = async (path: string): Promise<object> => JSON.parse(await readFile(join(root, path), 'utf8')) as object
/**
 * The schemas that a validator must be given, no more: the first is of what is printed, the others what it refers to.
 */
const SCHEMAS = { apply: ['apply', 'verdict'], tree: ['tree'] } as const
const validators = new Map(
  await Promise.all(
    Object.entries(SCHEMAS).map(async ([name, files]) => {
      const schemas = await Promise.all(files.map((file) => readJson(`docs/${file}.schema.json`)))
      const ajv = new Ajv2020({ strict: false, validateFormats: false, schemas })
      return [name, ajv.getSchema(`https://verify-images.dev/schema/${name}-1.json`)] as const
    }),
  ),
)
const validate = (name: keyof typeof SCHEMAS, value: unknown): unknown => {
  const validator = validators.get(name)
  return validator?.(value) === true ? [] : validator?.errors
}

const POLICY = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: by-anybody
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['*']
          attestors: [{ entries: [{ keyless: { issuer: https://issuer.test, subject: nobody@issuer.test, rekor: { url: https://rekor.test } } }] }]
`
const POD =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"app"},"spec":{"containers":[{"name":"main","image":"registry.local:5000/app:unsigned"}]}}'

let registry: { readonly endpoints: Readonly<Record<string, string>>; readonly close: () => Promise<void> }
let folder: string
beforeAll(async () => {
  registry = await (startCorpusRegistry as () => Promise<typeof registry>)()
  folder = await mkdtemp(join(tmpdir(), 'verify-images-'))
  await writeFile(join(folder, 'policy.yaml'), POLICY)
  await writeFile(join(folder, 'pod.json'), POD)
})
afterAll(async () => {
  await registry.close()
  await rm(folder, { recursive: true })
})

/** What the program prints, whatever its exit code. */
async function printed(...args: readonly string[]): Promise<unknown> {
  const endpoints = Object.entries(registry.endpoints).flatMap(([host, endpoint]) => [
    '--registry-endpoint',
    `${host}=${endpoint}`,
  ])
  const argv = [
    '--conditions=@verify-images/source',
    '--no-warnings',
    join(root, 'packages/cli/src/main.ts'),
    ...args,
    '--output',
    'json',
    ...endpoints,
  ]
  const output = await new Promise<string>(
    (resolve) =>
      void execFile(process.execPath, argv, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) =>
        resolve(stdout),
      ),
  )
  return JSON.parse(output)
}

test.each(['apply', 'explain'])('%s prints what docs/apply.schema.json says', async (command) => {
  const output = await printed(
    command,
    'policy.yaml',
    '--resource',
    'pod.json',
    '--image',
    'registry.local:5000/app:signed-a',
  )
  expect(validate('apply', output)).toEqual([])
  expect(output).toMatchObject({ verdicts: [{ subject: 'Pod app' }, { subject: 'registry.local:5000/app:signed-a' }] })
})

test('tree prints what docs/tree.schema.json says', async () => {
  const tags = [
    'unsigned',
    'annotated',
    'keyless-tsa',
    'copied-signature',
    'attested-vuln-ok',
    'attested-multi-subject',
    'bundle-message-signature',
    'bundle-keyless-chain-form-v03',
    'notation-metadata',
    'notation-cose',
    'notation-and-cosign',
  ]
  const output = (await printed('tree', ...tags.map((tag) => `registry.local:5000/app:${tag}`))) as {
    readonly images: readonly unknown[]
  }
  expect(validate('tree', output)).toEqual([])
  expect(output.images).toHaveLength(tags.length)
  // Its forms all occur: otherwise little has been shown.
  const text = JSON.stringify(output)
  for (const format of ['cosign-signature', 'cosign-attestation', 'sigstore-bundle', 'notary-jws', 'notary-cose'])
    expect(text).toContain(`"format":"${format}"`)
  for (const part of ['"logIndex"', '"timestamps":[{', '"unreadable":[{', '"by":"tag"', '"by":"referrers"'])
    expect(text).toContain(part)
})

test('tree prints what docs/tree.schema.json says, also of an image that could not be looked at', async () => {
  const output = await printed('tree', 'registry.local:5000/app:unsigned', 'registry.local:5000/app:missing')
  expect(validate('tree', output)).toEqual([])
  expect(output).toMatchObject({
    images: [
      { discovery: {} },
      { image: 'registry.local:5000/app:missing', error: { code: 'ATTESTOR_IMAGE_NOT_FOUND' } },
    ],
  })
})

test('control: other things are not', () => {
  expect(validate('apply', { schemaVersion: 1, verdicts: [{ schemaVersion: 1 }] })).not.toEqual([])
  expect(validate('tree', { schemaVersion: 1, images: [{ image: 'a', discovery: {} }] })).not.toEqual([])
  expect(validate('tree', { schemaVersion: 1, images: [{ image: 'a' }] })).not.toEqual([])
})
