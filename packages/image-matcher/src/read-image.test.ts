import { expect, test } from 'vitest'
import { extractImages } from './extract-images.ts'
import { hasExtractor } from './image-extractors.ts'
import { reextracts } from './read-image.ts'

const PINNED = `r.example/app@sha256:${'ab'.repeat(32)}`
const evaluate = (expression: string, text: string): unknown =>
  expression === 'prefix' ? text.replace(/^docker:\/\//, '') : (text.split('://')[1] ?? null)
const image = (jmesPath?: string): Parameters<typeof reextracts>[0] => {
  const [found] = extractImages(
    { kind: 'T', x: 'docker://r.example/app' },
    { T: [{ path: 'x', ...(jmesPath === undefined ? {} : { jmesPath }) }] },
    { evaluate: (expression, text) => (jmesPath ? evaluate(expression, text) : text) },
  )
  if (found === undefined) throw new Error('no image')
  return found
}

test('a pinned reference that the transformation keeps is extracted again', () => {
  expect(reextracts(image('prefix'), PINNED, { evaluate })).toBe(true)
})

test('a pinned reference that the transformation changes is not', () => {
  expect(reextracts(image('split'), PINNED, { evaluate })).toBe(false)
  expect(reextracts(image('prefix'), PINNED, { evaluate: () => 'r.example/other' })).toBe(false)
})

test('without a transformation every valid reference is extracted again', () => {
  const [plain] = extractImages({ kind: 'T', x: 'r.example/app' }, { T: [{ path: 'x' }] })
  expect(plain && reextracts(plain, PINNED)).toBe(true)
  expect(plain && reextracts(plain, 'Not One')).toBe(false)
})

test.each([
  ['Pod', true],
  ['CronJob', true],
  ['PodTemplate', true],
  ['Task', true],
  ['List', false],
  ['Rollout', false],
  ['constructor', false],
  ['__proto__', false],
])('hasExtractor for %s returns %s', (kind, expected) => {
  expect(hasExtractor(kind, { Task: [{ path: 'x' }] })).toBe(expected)
})
