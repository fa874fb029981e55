import { expect, test, vi } from 'vitest'
import { LIMITS } from './limits.ts'
import { boundedReader, checkCount, checkReferences, placeIn, readText } from './read-input.ts'

const three = '# Only a comment\n---\na: 1\n---\n\n--- # and nothing\nb: |\n  --- no cut\n---\r\nc: 1\n'

test.each<
  readonly [string, string, { readonly line?: number; readonly column?: number; readonly path?: string }, string]
>([
  ['a text as a whole', three, {}, 'a.yaml'],
  ['the only document', '---\na: 1\n', { line: 2, column: 1 }, 'a.yaml:2:1'],
  ['the first of three', three, { line: 3, column: 1 }, 'a.yaml:3:1 (document 1)'],
  ['the second, an empty one before it', three, { line: 7, column: 4, path: 'b' }, 'a.yaml:7:4 (document 2) b'],
  ['inside of the second', three, { line: 8, column: 3 }, 'a.yaml:8:3 (document 2)'],
  ['the third, cut as on Windows', three, { line: 10, column: 1 }, 'a.yaml:10:1 (document 3)'],
])('formats the place of %s', (_, text, where, place) => {
  expect(placeIn('a.yaml', text, where)).toBe(place)
})

async function* pieces(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

test('reads UTF-8 split inside a character, and keeps a byte order mark', async () => {
  expect(await readText(pieces('\u{FEFF}a', Uint8Array.of(0xc3), Uint8Array.of(0xa4)))).toBe('\u{FEFF}aä')
})

test('stops reading at the limit', async () => {
  let asked = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      asked++
      yield new Uint8Array(1024 * 1024)
    }
  }
  await expect(readText(endless())).rejects.toThrow(expect.objectContaining({ code: 'POLICY_TOO_LARGE' }))
  expect(asked).toBe(LIMITS.inputBytes / (1024 * 1024) + 1)
})

test('rejects bytes that are not UTF-8 instead of replacing them', async () => {
  await expect(readText(pieces(Uint8Array.of(0xff, 0xfe, 0x61, 0)))).rejects.toThrow(
    expect.objectContaining({ code: 'POLICY_YAML_INVALID' }),
  )
})

test.each(['https://registry.test/app:1', 'docker://registry.test/app:1', 'OCI://registry.test/app'])(
  'says that the reference %s has a scheme, which no reference has',
  (image) => {
    const scheme = image.slice(0, image.indexOf('://') + 3)
    expect(() => checkReferences([image])).toThrow(
      `${image}: IMAGE_REFERENCE_INVALID: expected host/repository:tag without a scheme, got one that starts ` +
        `with \`${scheme}\``,
    )
    expect(() => checkReferences([image.slice(scheme.length)])).not.toThrow()
  },
)

test('reads no more files, and no more characters in all, than one command line may have', async () => {
  const one = boundedReader(async () => Promise.resolve('x'))
  for (let i = 0; i < LIMITS.inputs; i++) expect(await one('a.yaml')).toBe('x')
  await expect(one('a.yaml')).rejects.toThrow(`expected at most ${String(LIMITS.inputs)} files`)
  const half = 'x'.repeat(LIMITS.allInputCharacters / 2)
  const large = boundedReader(async () => Promise.resolve(half))
  await large('a.yaml')
  await large('b.yaml')
  await expect(large('c.yaml')).rejects.toThrow(
    `all files together: expected at most ${String(LIMITS.allInputCharacters)} characters`,
  )
})

test('takes the last allowed object or image and refuses the next', () => {
  expect(() => checkCount(LIMITS.subjects)).not.toThrow()
  expect(() => checkCount(LIMITS.subjects + 1)).toThrow(
    `POLICY_TOO_LARGE: expected at most ${String(LIMITS.subjects)} objects and images, got ` +
      `${String(LIMITS.subjects + 1)}`,
  )
})

test('splits a file once for all places in it', () => {
  const text = 'a: 1\n---\n'.repeat(1_000)
  const split = vi.spyOn(String.prototype, 'split')
  for (let line = 1; line <= 200; line++) placeIn('a.yaml', text, { line, column: 1 })
  expect(split).toHaveBeenCalledTimes(1)
  split.mockRestore()
  expect(placeIn('a.yaml', text, { line: 1_999, column: 1 })).toBe('a.yaml:1999:1 (document 1000)')
})
