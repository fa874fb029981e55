import { expect, test } from 'vitest'
import { isDnsLabel, isDnsSubdomain, isLabelKey, isLabelValue } from './kubernetes-name.ts'

const long = (length: number): string => 'a'.repeat(length)

test.each([
  ['a', true],
  ['0-a.b--c', true],
  [`${long(100)}.${long(152)}`, true],
  [`${long(100)}.${long(153)}`, false],
  ['', false],
  ['A', false],
  ['-a', false],
  ['a-', false],
  ['a..b', false],
  ['.a', false],
  ['a.', false],
  ['..', false],
  ['a/b', false],
  ['a?watch=1', false],
  ['a%2f', false],
  ['a\n', false],
])('whether %j is a subdomain: %s', (name, expected) => expect(isDnsSubdomain(name)).toBe(expected))

test.each([
  ['a', true],
  [long(63), true],
  [long(64), false],
  ['a.b', false],
  ['', false],
])('whether %j is a DNS label: %s', (name, expected) => expect(isDnsLabel(name)).toBe(expected))

test.each([
  ['app', true],
  ['app.kubernetes.io/name', true],
  ['a_B.c-9', true],
  [long(63), true],
  [long(64), false],
  [`${long(254)}/a`, false],
  ['', false],
  ['/a', false],
  ['a/', false],
  ['a/b/c', false],
  ['-a', false],
  ['a_', false],
  ['Upper/a', false],
  ['a\n', false],
])('whether %j is a label key: %s', (key, expected) => expect(isLabelKey(key)).toBe(expected))

test.each([
  ['', true],
  ['v1.2_3-X', true],
  [long(63), true],
  [long(64), false],
  ['-', false],
  ['a b', false],
  ['a/b', false],
  ['ä', false],
])('whether %j is a label value: %s', (value, expected) => expect(isLabelValue(value)).toBe(expected))
