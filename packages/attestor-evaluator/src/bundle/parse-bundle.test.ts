import { CheckError } from '@verify-images/primitives'
import fc from 'fast-check'
import type { Json } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { readCorpusBundle } from '../testing/corpus-bundle.ts'
import { parseBundle } from './parse-bundle.ts'

const { text } = readCorpusBundle('bundle-keyless')
const parse = (document: unknown): ReturnType<typeof parseBundle> =>
  parseBundle(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)))

type Members = Record<string, Json | undefined>
type Loose = Members & { mediaType: string; verificationMaterial: Members & { tlogEntries: Members[] } }

const changed = (change: (bundle: Loose, entry: Members) => void, tag = 'bundle-keyless'): Loose => {
  const bundle = JSON.parse(readCorpusBundle(tag).text) as Loose
  change(bundle, bundle.verificationMaterial.tlogEntries?.[0] ?? {})
  return bundle
}

test('parses a bundle with exact numbers', async () => {
  expect(await parse(text)).toMatchObject({
    version: '0.3',
    material: { kind: 'certificate', intermediates: [] },
    content: { kind: 'envelope', payloadType: 'application/vnd.in-toto+json' },
    logEntries: [{ kind: 'dsse', version: '0.0.1', integratedTime: 1_768_471_230n }],
    timestamps: [expect.anything()],
  })
  const huge = changed((_bundle, entry) => {
    entry['logIndex'] = '9223372036854775807'
  })
  expect((await parse(huge)).logEntries[0]?.logIndex).toBe(9_223_372_036_854_775_807n)
})

test('drops the key hint, which anyone can write', async () => {
  expect((await parse(readCorpusBundle('bundle-a').text)).material).toEqual({ kind: 'key' })
})

test.each([
  ['bundle-v01', '0.1'],
  ['bundle-v02', '0.2'],
])('parses %s', async (tag, version) => {
  const bundle = await parse(readCorpusBundle(tag).text)
  expect(bundle.version).toBe(version)
  expect(bundle.material.kind === 'certificate' && bundle.material.intermediates).toHaveLength(1)
})

const envelope = {
  payload: 'e30=',
  payloadType: 'application/vnd.in-toto+json',
  signatures: [{ sig: 'AAAA' }, { sig: 'AAAA' }],
}

test.each([
  ['text that is not JSON', 'x'],
  ['trailing text', `${text}{}`],
  ['a byte order mark', `\ufeff${text}`],
  ['a member twice', text.replace('"dsseEnvelope"', '"dsseEnvelope":{},"dsseEnvelope"')],
  [
    'an unknown media type',
    changed((bundle) => {
      bundle.mediaType = 'application/vnd.dev.sigstore.bundle.v0.4+json'
    }),
  ],
  [
    'an unknown member',
    changed((bundle) => {
      bundle['more'] = 'x'
    }),
  ],
  [
    'an unknown member of an entry',
    changed((_bundle, entry) => {
      entry['more'] = 'x'
    }),
  ],
  [
    'a key beside a certificate',
    changed((bundle) => {
      bundle.verificationMaterial['publicKey'] = { hint: 'x' }
    }),
  ],
  [
    'a message beside an envelope',
    changed((bundle) => {
      bundle['messageSignature'] = { signature: 'AAAA' }
    }),
  ],
  [
    'no content',
    changed((bundle) => {
      delete bundle['dsseEnvelope']
    }),
  ],
  [
    'two signatures',
    changed((bundle) => {
      bundle['dsseEnvelope'] = envelope
    }),
  ],
  [
    'no signature',
    changed((bundle) => {
      bundle['dsseEnvelope'] = { ...envelope, signatures: [] }
    }),
  ],
  [
    'base64 of two alphabets',
    changed((bundle) => {
      bundle['dsseEnvelope'] = { ...envelope, signatures: [{ sig: '-/__' }] }
    }),
  ],
  [
    'a chain in version 0.3',
    changed((bundle) => {
      bundle.mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
    }, 'bundle-v02'),
  ],
  [
    'an entry without proof in version 0.2',
    changed((_bundle, entry) => {
      delete entry['inclusionProof']
    }, 'bundle-v02'),
  ],
  [
    'an entry without promise in version 0.1',
    changed((_bundle, entry) => {
      delete entry['inclusionPromise']
    }, 'bundle-v01'),
  ],
  [
    'an entry without kind',
    changed((_bundle, entry) => {
      delete entry['kindVersion']
    }),
  ],
  [
    'an entry without body',
    changed((_bundle, entry) => {
      entry['canonicalizedBody'] = ''
    }),
  ],
  [
    'an empty promise',
    changed((_bundle, entry) => {
      entry['inclusionPromise'] = { signedEntryTimestamp: '' }
    }),
  ],
  [
    'an index beyond 64 bits',
    changed((_bundle, entry) => {
      entry['logIndex'] = '9223372036854775808'
    }),
  ],
  [
    'a negative index',
    changed((_bundle, entry) => {
      entry['logIndex'] = '-1'
    }),
  ],
  [
    'a time with exponent',
    changed((_bundle, entry) => {
      entry['integratedTime'] = '1e3'
    }),
  ],
  [
    'a time with a blank',
    changed((_bundle, entry) => {
      entry['integratedTime'] = ' 5'
    }),
  ],
  [
    'an invalid certificate',
    changed((bundle) => {
      bundle.verificationMaterial['certificate'] = { rawBytes: 'AAAA' }
    }),
  ],
  [
    'thirty-three entries',
    changed((bundle, entry) => {
      bundle.verificationMaterial.tlogEntries = Array.from({ length: 33 }, () => entry)
    }),
  ],
  [
    'thirty-three timestamps',
    changed((bundle) => {
      bundle.verificationMaterial['timestampVerificationData'] = {
        rfc3161Timestamps: Array.from({ length: 33 }, () => ({ signedTimestamp: 'AAAA' })),
      }
    }),
  ],
  ['a deep document', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['a large document', `"${'x'.repeat(10_000_000)}"`],
] as readonly (readonly [string, unknown])[])('rejects a bundle with %s', async (_what, document) => {
  await expect(parse(document)).rejects.toThrow(CheckError)
})

test('throws only CheckError for random bundles', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      await expect(parse({ ...(JSON.parse(text) as object), verificationMaterial: value })).rejects.toThrow(CheckError)
      await expect(parse({ ...(JSON.parse(text) as object), dsseEnvelope: value })).rejects.toThrow(CheckError)
    }),
  )
})

test('parses a bundle whose payload is larger than the rest may be, and no other large member', async () => {
  const payload = Buffer.alloc(3_000_000, 'QUJD').toString()
  const large = changed((bundle) => {
    bundle['dsseEnvelope'] = { ...envelope, payload, signatures: [{ sig: 'AAAA' }] }
  })
  const { content } = await parse(large)
  expect(content.kind === 'envelope' && Buffer.from(content.payload)).toEqual(Buffer.from(payload, 'base64'))
  const beside = changed((bundle) => {
    bundle['dsseEnvelope'] = { ...envelope, payloadType: payload, signatures: [{ sig: 'AAAA' }] }
  })
  await expect(parse(beside)).rejects.toMatchObject({ code: 'ATTESTOR_LIMIT_EXCEEDED' })
})

test.each(['QUJ!', 'QUJDRA', '-_+/'])(
  'rejects a bundle whose payload is `%s`, unless protojson reads it',
  async (payload) => {
    const document = changed((bundle) => {
      bundle['dsseEnvelope'] = { ...envelope, payload, signatures: [{ sig: 'AAAA' }] }
    })
    const content = await parse(document).then(
      (bundle) => bundle.content,
      () => undefined,
    )
    expect(content?.kind).toBe(payload === 'QUJDRA' ? 'envelope' : undefined)
  },
)
