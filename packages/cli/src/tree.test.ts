import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './run.ts'
import { memoryIO } from './testing/memory-io.ts'
import { drawTree, leaf } from './tree.ts'

const corpus = new URL('../../../conformance/corpus/serve.mjs', import.meta.url)

interface CorpusRegistry {
  readonly endpoints: Readonly<Record<string, string>>
  close(): Promise<void>
}

interface CorpusOptions {
  readonly faults?: (request: { readonly path: string }) => { readonly status: number } | undefined
}

async function startRegistry(options: CorpusOptions = {}): Promise<CorpusRegistry> {
  const { startCorpusRegistry } = (await import(corpus.href)) as {
    startCorpusRegistry(options: CorpusOptions): Promise<CorpusRegistry>
  }
  return startCorpusRegistry(options)
}

let registry: CorpusRegistry
beforeAll(async () => {
  registry = await startRegistry()
})
afterAll(() => registry.close())

interface Printed {
  readonly code: number
  readonly out: string
  readonly stderr: readonly string[]
}

async function treeOf(
  image: string,
  endpoints: Readonly<Record<string, string>> = registry.endpoints,
  ...options: readonly string[]
): Promise<Printed> {
  const mirrors = Object.entries(endpoints).flatMap(([host, endpoint]) => [
    '--registry-endpoint',
    `${host}=${endpoint}`,
  ])
  const { io, written } = memoryIO()
  const code = await run(['tree', image, ...mirrors, ...options], io)
  return { code, out: written.out, stderr: written.stderr }
}

/** One image of each kind, made by cosign, notation and others, and lines that must be there as they stand. */
test.each<readonly [string, ...string[]]>([
  ['app:annotated', 'format: cosign-signature', 'subject: this image', 'signer: a key', 'annotation: env=prod'],
  [
    'app:keyless-tsa',
    'signer: certificate of user@example.com',
    'certificate claim: oidcIssuer https://accounts.example.com',
    'timestamp: 2026-01-15T10:00:30.000Z',
  ],
  [
    'app:copied-signature',
    'subject: ANOTHER IMAGE: sha256:2ac67ba73284d2909a5dd76836cb899c4ab1094db3d07bfc9bb5b9c1a5fda317',
  ],
  [
    'app:attested-vuln-ok',
    'format: cosign-attestation',
    'predicate type: https://cosign.sigstore.dev/attestation/vuln/v1',
    'payload type: application/vnd.in-toto+json',
  ],
  ['app:attested-multi-subject', 'subject: this image, and 3 more'],
  ['app:bundle-message-signature', 'format: sigstore-bundle', 'content: message signature', 'version: 0.3'],
  [
    'app:bundle-keyless-chain-form-v03',
    'content: envelope',
    'predicate type: https://sigstore.dev/cosign/sign/v1',
    'unreadable bundle: ATTESTOR_BUNDLE_INVALID: bundle: a member that its version demands is missing or has ' +
      'the wrong type',
  ],
  ['app:notation-metadata', 'format: notary-jws', 'signing scheme: notary.x509', 'annotation: env=prod'],
  ['app:notation-cose', 'format: notary-cose', 'subject: this image'],
])('draws registry.local:5000/%s with its claims', async (image, ...lines) => {
  const { code, out } = await treeOf(`registry.local:5000/${image}`)
  expect(code).toBe(0)
  expect(out).toMatch(/^\S+ is sha256:[0-9a-f]{64}; none of what follows has been verified\n/)
  expect(out.split('\n').map((line) => line.replace(/^[ │├└─]+/, ''))).toEqual(expect.arrayContaining(lines))
})

test('finds and reads a bundle at the fallback tag', async () => {
  const { out } = await treeOf('mirror.local:5001/app:bundle-a')
  expect(out).toMatch(
    /bundle sha256:[0-9a-f]{64} \(referrer, fallback-tag, application\/vnd\.dev\.sigstore\.bundle\.v0\.3\+json\)/,
  )
  expect(out).toContain('format: sigstore-bundle')
})

test('prints as JSON what the tree shows', async () => {
  const { code, out } = await treeOf('registry.local:5000/app:notation-and-cosign', undefined, '--output', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    schemaVersion: 1,
    images: [
      {
        image: 'registry.local:5000/app:notation-and-cosign',
        discovery: {
          complete: true,
          artifacts: [
            {
              kind: 'signature',
              found: { by: 'tag' },
              layers: [
                { claims: { format: 'cosign-signature', subject: { isThisImage: true }, signer: { kind: 'key' } } },
              ],
            },
            {
              kind: 'notary-signature',
              found: { by: 'referrers' },
              layers: [
                { claims: { format: 'notary-jws', subject: { isThisImage: true }, signer: { kind: 'certificate' } } },
              ],
            },
          ],
        },
      },
    ],
  })
})

test('exits with 2 if a part cannot be fetched, and still draws the others', async () => {
  const broken = await startRegistry({
    faults: ({ path }) => (path.includes('/referrers/') ? { status: 403 } : undefined),
  })
  try {
    const { code, out } = await treeOf('registry.local:5000/app:notation-and-cosign', broken.endpoints)
    expect(code).toBe(2)
    expect(out).toContain('format: cosign-signature')
    expect(out).toMatch(/\n└── could not be checked: referrers of sha256:3176bb6b4aad/)
  } finally {
    await broken.close()
  }
})

test('exits with 1 and says so if the image does not exist, whatever else is given', async () => {
  const { code, out, stderr } = await treeOf('registry.local:5000/app:no-such-tag')
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(stderr).toEqual([
    'verify-images: registry.local:5000/app:no-such-tag: ATTESTOR_IMAGE_NOT_FOUND: image ' +
      '`registry.local:5000/app:no-such-tag` is not in its registry',
  ])
})

test('draws the branches of a tree', () => {
  expect(
    drawTree({
      text: 'a',
      branches: [
        { text: 'b', branches: [leaf('c')] },
        { text: 'd', branches: [leaf('e')] },
      ],
    }),
  ).toEqual(['a', '├── b', '│   └── c', '└── d', '    └── e'])
})

test.each([
  ['moves the cursor', '\u001b[2Jx', '\\u001b[2Jx'],
  ['begins a line of its own', 'a\n└── verified', 'a\\u000a└── verified'],
  ['begins one by another sign', 'a\u2028b\u0085c', 'a\\u2028b\\u0085c'],
  ['turns the direction of the text', '\u202eexe', '\\u202eexe'],
  ['fills the screen', 'x'.repeat(500), `${'x'.repeat(400)}…`],
])('escapes a text that %s', (_, text, drawn) => {
  expect(drawTree(leaf(text))).toEqual([drawn])
})
