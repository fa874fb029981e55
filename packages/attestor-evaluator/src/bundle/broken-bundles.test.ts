import { CheckError } from '@verify-images/primitives'
import { parsePublicKey } from '@verify-images/x509'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { parseTrustedRoot } from '../sigstore/trusted-root.ts'
import { readCorpusBundle, replaceEachNode } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'
import { verifyWithStatement } from '../testing/bundle-parts.ts'
import { testWork } from '@verify-images/testing/internal'
import { parseBundle } from './parse-bundle.ts'

const trust = parseTrustedRoot(readCorpusText('registry/trust/sigstore-1/trusted_root-rekor2.json'))
const strict = {
  work: testWork(),
  trust,
  requiredLogs: 1,
  observedTimeRequired: true,
  timestampRequired: true,
  sctRequired: true,
  now: new Date('2026-11-25'),
}
const key = {
  publicKey: parsePublicKey(readCorpusText('registry/trust/a.pub')),
  hash: 'sha256',
  acceptPrehashed: false,
} as const

/** Returns whether the bytes verify; anything but our own refusals escapes. */
async function passes(bytes: Uint8Array, verification: BundleVerification): Promise<boolean> {
  try {
    await verifyWithStatement(await parseBundle(bytes), verification)
    return true
  } catch (error) {
    if (error instanceof CheckError) return false
    throw error
  }
}

const promise = '/verificationMaterial/tlogEntries/0/inclusionPromise'

const fixtures: readonly (readonly [string, Omit<BundleVerification, 'digest'>, readonly string[]])[] = [
  // What may change without consequence: a hint, the index of a log without promises, which is not signed, and a
  // promise that is left out beside a proof and a timestamp.
  ['bundle-keyless', strict, [promise]],
  ['bundle-keyless-intoto', strict, [promise]],
  ['bundle-rekor2', strict, ['/verificationMaterial/tlogEntries/0/logIndex']],
  [
    'bundle-key-tlog',
    { ...strict, key, timestampRequired: false },
    ['/verificationMaterial/publicKey', '/verificationMaterial/publicKey/hint'],
  ],
]

test.each(fixtures)('%s verifies, and is rejected once any node is replaced', async (tag, verification, free) => {
  const { digest, text } = readCorpusBundle(tag)
  expect(await passes(Buffer.from(text), { ...verification, digest })).toBe(true)
  for (const { document, path } of replaceEachNode(JSON.parse(text) as Json, [
    null,
    {},
    [],
    '',
    0,
    true,
    'x'.repeat(4096),
  ])) {
    if (!free.includes(path))
      expect(await passes(Buffer.from(JSON.stringify(document)), { ...verification, digest }), path).toBe(false)
  }
})

test.each(fixtures)('%s verifies, and is rejected once any byte is changed', async (tag, verification, free) => {
  const { digest, text } = readCorpusBundle(tag)
  const original = Buffer.from(text)
  // A timestamp token carries certificates that are not signed, and not needed where the authority is known.
  const [tokenStart, tokenEnd] = [
    text.indexOf('"signedTimestamp"'),
    text.indexOf('"}', text.indexOf('"signedTimestamp"')),
  ]
  await fc.assert(
    fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bytes = Buffer.from(original)
      bytes.writeUInt8(bytes.readUInt8(at) ^ change, at)
      fc.pre((at < tokenStart || at > tokenEnd) && !sameMeaning(bytes, original, free))
      expect(await passes(bytes, { ...verification, digest })).toBe(false)
    }),
    { numRuns: 60 },
  )
})

/** Everything that evidence takes from a verified bundle, each fact on its own. */
async function factsOf(bytes: Uint8Array, verification: BundleVerification): Promise<ReadonlySet<string>> {
  const { certificate, times, logIndex } = await verifyBundle(await parseBundle(bytes), verification)
  return new Set([
    ...(certificate === undefined ? [] : [`certificate ${certificate.fingerprint}`]),
    ...times.map(({ source, at }) => `${source} ${at}`),
    ...(logIndex === undefined ? [] : [`index ${logIndex}`]),
  ])
}

test.each(fixtures)(
  'a replaced node of %s adds no fact to the evidence, also where it may change',
  async (tag, verification, free) => {
    const { digest, text } = readCorpusBundle(tag)
    const known = await factsOf(Buffer.from(text), { ...verification, digest })
    expect(known.size).toBeGreaterThan(0)
    let accepted = 0
    for (const { document, path } of replaceEachNode(JSON.parse(text) as Json, [null, '', '7', '2000000000'])) {
      if (!free.includes(path)) continue
      const facts = await factsOf(Buffer.from(JSON.stringify(document)), { ...verification, digest }).catch(
        () => undefined,
      )
      if (facts === undefined) continue
      accepted++
      expect(facts.difference(known), path).toEqual(new Set())
    }
    expect(accepted).toBeGreaterThan(0)
  },
)

test('the index of a log entry that only a proof covers is dropped when it is not the one that is proved', async () => {
  const { digest, text } = readCorpusBundle('bundle-rekor2')
  const at = '/verificationMaterial/tlogEntries/0/logIndex'
  const indexOf = async (document: Json): Promise<readonly string[]> =>
    [...(await factsOf(Buffer.from(JSON.stringify(document)), { ...strict, digest }))].filter((fact) =>
      fact.startsWith('index'),
    )
  expect(await indexOf(JSON.parse(text) as Json)).toHaveLength(1)
  for (const { document, path } of replaceEachNode(JSON.parse(text) as Json, ['2000000000']))
    if (path === at) expect(await indexOf(document)).toEqual([])
})

test('rejects a bundle of another image', async () => {
  const { text } = readCorpusBundle('bundle-keyless')
  expect(await passes(Buffer.from(text), { ...strict, digest: readCorpusBundle('bundle-a').digest })).toBe(false)
})

/** Base64 has bits that mean nothing, and readers of bundles do not look at them. */
function sameBytes(text: string): string {
  return /^[\w+/-]+=*$/.test(text) ? Buffer.from(text, 'base64').toString('base64') : text
}

/** Returns a blank for another blank, or a changed hint: the document says the same. */
function sameMeaning(bytes: Buffer, original: Buffer, free: readonly string[]): boolean {
  try {
    const [one, other] = [bytes, original].map((each) => {
      const document = JSON.parse(each.toString('latin1')) as {
        verificationMaterial: { publicKey?: unknown; tlogEntries: { logIndex: unknown }[] }
      }
      if (free.some((path) => path.includes('publicKey'))) delete document.verificationMaterial.publicKey
      if (free.some((path) => path.includes('logIndex')))
        for (const entry of document.verificationMaterial.tlogEntries) delete (entry as { logIndex?: unknown }).logIndex
      return JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? sameBytes(value) : value))
    })
    return one === other
  } catch {
    return false
  }
}
