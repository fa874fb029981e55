import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { manifestJson, parseLayeredManifest, prepareManifest, readDescriptor } from './manifest.ts'
import { CheckError } from './reasons/check-error.ts'

const digest = `sha256:${'0'.repeat(64)}`
const descriptor = { mediaType: 'x/y', digest, size: 1 }

test('reads media type, digest and size of a descriptor and nothing else', () => {
  expect(readDescriptor({ ...descriptor, urls: ['https://registry.test'], annotations: {} })).toEqual(descriptor)
  expect(readDescriptor({ ...descriptor, size: 0 })).toEqual({ ...descriptor, size: 0 })
})

test.each([
  ['no media type', { mediaType: undefined }],
  ['a media type that is a number', { mediaType: 1 }],
  ['an upper-case digest', { digest: `sha256:${'A'.repeat(64)}` }],
  ['no digest', { digest: undefined }],
  ['a negative size', { size: -1 }],
  ['a fractional size', { size: 1.5 }],
  ['a size beyond exact numbers', { size: 2 ** 53 }],
  ['a size that is a string', { size: '1' }],
])('refuses a descriptor with %s', (_, change) => {
  expect(readDescriptor({ ...descriptor, ...change })).toBeUndefined()
})

test('refuses a descriptor whose members are inherited', () => {
  expect(readDescriptor(Object.create(descriptor))).toBeUndefined()
  expect([null, undefined, [], 'x'].map(readDescriptor)).toEqual([undefined, undefined, undefined, undefined])
})

const parse = (document: unknown): ReturnType<typeof parseLayeredManifest> =>
  parseLayeredManifest(Buffer.from(JSON.stringify(document)), 'the manifest', 'ATTESTOR_PAYLOAD_INVALID')

test('reads artifact type, subject and layers', () => {
  const layers = [descriptor]
  expect(parse({ artifactType: 'a', config: { mediaType: 'b' }, subject: { digest }, layers })).toMatchObject({
    ...{ artifactType: 'a', subject: digest, layers },
  })
  expect(parse({ artifactType: '', config: { mediaType: 'b' } })).toMatchObject({ artifactType: 'b', layers: [] })
  expect(parse({ artifactType: null, subject: {} })).toMatchObject({ artifactType: undefined, subject: undefined })
})

test.each([
  ['an index', { layers: [], manifests: [] }],
  ['an array', []],
  ['layers that are an object', { layers: {} }],
])('refuses %s as a manifest', (_, document) => {
  expect(() => parse(document)).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_PAYLOAD_INVALID', message: 'the manifest: expected an image manifest' }),
  )
})

test('names the member that Go could not read', () => {
  expect(() => parse({ layers: [{ ...descriptor, Digest: digest }] })).toThrow(
    expect.objectContaining({
      code: 'ATTESTOR_PAYLOAD_INVALID',
      message: 'the manifest: expected `layers` as in the OCI image specification, in spelling and type',
    }),
  )
})

test('throws only CheckError for random bytes', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        try {
          parseLayeredManifest(bytes, 'the manifest', 'ATTESTOR_PAYLOAD_INVALID')
        } catch (error) {
          expect(error).toBeInstanceOf(CheckError)
        }
      },
    ),
  )
})

const { signal } = new AbortController()

test('the same bytes are parsed once, whoever asks for them', async () => {
  const bytes = Buffer.from(`{"layers":[${'{},'.repeat(1000)}{}]}`)
  await prepareManifest(bytes, signal)
  const parse = vi.spyOn(JSON, 'parse')
  await prepareManifest(bytes, signal)
  expect(parseLayeredManifest(bytes, 'it', 'ATTESTOR_PAYLOAD_INVALID').document).toBe(manifestJson(bytes))
  const others = Buffer.from(bytes)
  expect(manifestJson(others)).toBe(manifestJson(others))
  expect(parse).toHaveBeenCalledTimes(1)
  parse.mockRestore()
})

test.each([
  ['no JSON', '{', 'not JSON'],
  ['too many tokens', `[${'{},'.repeat(100_000)}{}]`, 'more than 100000 JSON tokens'],
  ['a repeated key', '{"a":1,"a":2}', 'the same key twice in one object'],
  ['an integer with a fraction', '{"a":1.0}', 'an integer with a fraction or an exponent'],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not UTF-8'],
])('%s is refused in slices as in one step, and refused again', async (_, text, reason) => {
  const [prepared, other] = [Buffer.from(text), Buffer.from(text)]
  await prepareManifest(prepared, signal)
  for (const bytes of [prepared, prepared, other]) expect(() => manifestJson(bytes)).toThrow(new SyntaxError(reason))
})

test('an aborted parse is begun again', async () => {
  const bytes = Buffer.from('{}')
  await expect(prepareManifest(bytes, AbortSignal.abort(new Error('deadline')))).rejects.toThrow('deadline')
  await prepareManifest(bytes, signal)
  expect(manifestJson(bytes)).toEqual({})
})
