import { describe, expect, it } from 'vitest'
import { readPlainScalar } from './scalar.ts'

const value = (text: string): unknown => {
  const read = readPlainScalar(text)
  return read.kind === 'value' ? read.value : read.kind
}

describe('readPlainScalar', () => {
  it.each([
    ['yes', true],
    ['Y', true],
    ['on', true],
    ['no', false],
    ['n', false],
    ['OFF', false],
    ['~', null],
    ['', null],
    ['Null', null],
    ['tRue', 'tRue'],
    ['yEs', 'yEs'],
  ])('reads the word %j as %j', (text, expected) => expect(value(text)).toBe(expected))

  it.each([
    ['0x2', 2],
    ['0X1f', 31],
    ['0b101', 5],
    ['0o17', 15],
    ['017', 15],
    ['08', 8],
    ['1_000', 1000],
    ['-5', -5],
    ['+7', 7],
    ['-0', 0],
    ['1e3', 1000],
    ['.5', 0.5],
    ['5.', 5],
    ['-0x10', -16],
    ['9007199254740991', 9007199254740991],
  ])('reads the number %j as %j', (text, expected) => expect(value(text)).toBe(expected))

  it.each([
    '2001-01-01',
    '1:30',
    '0x',
    '1e',
    '.',
    '+',
    '1.2.3',
    '0b2',
    'x1',
    '.inf',
    '.nan',
    '1e400',
    '<<',
    'v1',
    '0xg',
  ])('leaves %j text', (text) => expect(value(text)).toBe(text))

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '0x7fffffffffffffff',
    '123456789012345678901234567890',
    '9'.repeat(100_000),
  ])('says that a number is not exact (%#)', (text) => expect(value(text)).toBe('inexact'))
})
