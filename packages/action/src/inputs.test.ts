import { expect, test } from 'vitest'
import { ActionInputError, readInputs } from './inputs.ts'

const read = (inputs: Readonly<Record<string, string>>): ReturnType<typeof readInputs> =>
  readInputs(
    Object.fromEntries(
      Object.entries({ policies: 'policies', images: 'a', ...inputs }).map(([name, value]) => [
        `INPUT_${name.toUpperCase()}`,
        value,
      ]),
    ),
  )

test('reads one value per line, without empty lines and spaces around it', () => {
  const { policies, options } = read({ policies: '\n a.yaml\r\n\n  folder with space/*.yaml  \n', images: 'a:1\nb:2' })
  expect(policies).toEqual(['a.yaml', 'folder with space/*.yaml'])
  expect(options).toEqual(['--image=a:1', '--image=b:2', '--unmatched=refuse'])
})

test('joins each value to its option, so that none is read as another option', () => {
  expect(read({ images: '--unmatched=admit', resources: '-', namespace: '-n' }).options).toEqual([
    '--resource=-',
    '--image=--unmatched=admit',
    '--unmatched=refuse',
    '--namespace=-n',
  ])
})

test('passes options through, and refuses what would be read as a policy', () => {
  expect(read({ options: '--at=2026-01-31\n-n=prod' }).options.slice(2)).toEqual(['--at=2026-01-31', '-n=prod'])
  for (const options of ['policy.yaml', '--', '-', '--at=2026-01-31\nother'])
    expect(() => read({ options })).toThrow(ActionInputError)
})

test('refuses what no policy matches, even if the input is set to an empty value', () => {
  expect(read({ unmatched: ' ' }).options).toContain('--unmatched=refuse')
  expect(read({ unmatched: 'admit' }).options).toContain('--unmatched=admit')
})

test('fails on rejected and inconclusive unless told otherwise', () => {
  expect(read({}).failOn).toBe('inconclusive')
  expect(read({ 'fail-on': 'rejected' }).failOn).toBe('rejected')
  expect(() => read({ 'fail-on': 'denied' })).toThrow('fail-on: expected rejected or inconclusive, got `denied`')
})

test('takes a whole credential or none, and none beside a config file', () => {
  const whole = { registry: 'r.test', username: 'u', password: 'p' }
  expect(read({}).credential).toBeUndefined()
  expect(read(whole).credential).toEqual(whole)
  for (const missing of ['registry', 'username', 'password'] as const)
    expect(() => read({ ...whole, [missing]: '' })).toThrow('is a secret unset?')
  expect(() => read({ ...whole, 'docker-config': 'config.json' })).toThrow('exclude each other')
})
