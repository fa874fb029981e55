import { COMMON_KINDS } from '@verify-images/image-matcher'
import { expect, test } from 'vitest'
import { IDLE_EXTENSIONS, runsNothing } from './idle-kinds.ts'

test('no kind is listed both as idle and as one with images', () => {
  const running = COMMON_KINDS.flatMap(({ group, kinds }) => kinds.map((kind) => ({ group, kind })))
  expect(running.filter(runsNothing)).toEqual([])
})

test('each API group is listed once, with its source', () => {
  const groups = IDLE_EXTENSIONS.map(({ group }) => group)
  expect(groups.filter((group, i) => groups.indexOf(group) !== i)).toEqual([])
  for (const { source } of IDLE_EXTENSIONS) expect(new URL(source).protocol).toBe('https:')
})

test.each([
  ['', 'Service', true],
  ['', 'Pod', false],
  ['apps', 'Deployment', false],
  ['serving.knative.dev', 'Route', true],
  ['serving.knative.dev', 'Service', false],
  ['constructor', 'Service', false],
  ['__proto__', 'length', false],
])('%s %s runs nothing: %s', (group, kind, expected) => {
  expect(runsNothing({ group, kind })).toBe(expected)
})
