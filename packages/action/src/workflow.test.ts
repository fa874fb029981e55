import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { logged, masksFor, shortened, writeOutputs, writeSummary } from './workflow.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workflow-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a value of an output cannot begin another output', async () => {
  const file = join(folder, 'output')
  await writeOutputs(file, { one: 'x\nEOF\ntwo=forged', two: '' })
  const [, delimiter = ''] = /^one<<(.+)$/m.exec(await readFile(file, 'utf8')) ?? []
  expect(delimiter).toMatch(/^[0-9a-f-]{36}$/)
  expect(await readFile(file, 'utf8')).toBe(
    `one<<${delimiter}\nx\nEOF\ntwo=forged\n${delimiter}\ntwo<<${delimiter}\n\n${delimiter}\n`,
  )
})

test('writes nothing where the runner names no file', async () => {
  await writeOutputs(undefined, { one: '1' })
  await writeSummary(undefined, 'text', 100)
})

test('appends to the summary', async () => {
  const file = join(folder, 'summary')
  await writeSummary(file, 'one\n', 100)
  await writeSummary(file, 'two\n', 100)
  expect(await readFile(file, 'utf8')).toBe('one\ntwo\n')
})

test('cuts a summary at a line within the limit, and says so first', () => {
  const whole = '£ line\n'.repeat(200)
  expect(shortened(whole, Buffer.byteLength(whole))).toBe(whole)
  const cut = shortened(whole, 500)
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(500)
  expect(cut).toMatch(/^> \*\*This is not all:\*\* .*\n\n(?:£ line\n){20,}$/)
})

test('masks each line of a secret, because the log has it line by line', () => {
  expect(masksFor('one', '', 'two\nthree%', 'one')).toBe(
    '::add-mask::one\n::add-mask::two%0Athree%25\n::add-mask::two\n::add-mask::three%25\n',
  )
})

test('stops commands around text, with a token that the text cannot know', () => {
  const [first, second] = [logged('::error::x'), logged('::error::x\n')]
  expect(first).toMatch(/^::stop-commands::([0-9a-f-]{36})\n::error::x\n::\1::\n$/)
  expect(second).not.toBe(first)
})
