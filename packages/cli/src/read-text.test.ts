import { expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { readText } from './read-text.ts'

async function* pieces(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

test('reads text, a character in two pieces and a byte order mark included', async () => {
  expect(await readText(pieces('\u{FEFF}a', Uint8Array.of(0xc3), Uint8Array.of(0xa4)))).toBe('\u{FEFF}aä')
})

test('a text without end is given up at the bound', async () => {
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

test('what is not UTF-8 is refused, not replaced', async () => {
  await expect(readText(pieces(Uint8Array.of(0xff, 0xfe, 0x61, 0)))).rejects.toThrow(
    expect.objectContaining({ code: 'POLICY_YAML_INVALID' }),
  )
})
