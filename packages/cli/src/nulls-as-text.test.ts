import { expect, test } from 'vitest'
import { nullsAsText } from './nulls-as-text.ts'

test('a label or annotation without a value is an empty text, as the API server reads it', () => {
  expect(
    nullsAsText({
      kind: 'Pod',
      metadata: { name: null, labels: { a: null, b: '1' }, annotations: { c: null } },
      spec: { nodeName: null },
    }),
  ).toEqual({
    kind: 'Pod',
    metadata: { name: null, labels: { a: '', b: '1' }, annotations: { c: '' } },
    spec: { nodeName: null },
  })
})

test.each([
  ['no metadata', { kind: 'Pod' }],
  ['metadata that is no object', { metadata: 'x' }],
  ['labels that are null, a list, or numbers', { metadata: { labels: null, annotations: [null] } }],
  ['numbers, which the API server refuses', { metadata: { labels: { a: 1 } } }],
])('%s stays', (_, object) => {
  expect(nullsAsText(object)).toEqual(object)
})
