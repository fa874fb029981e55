import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addQuantities,
  divideQuantities,
  multiplyQuantities,
  quantityNumber,
  quantityOf,
  subtractQuantities,
} from './quantity-arithmetic.ts'
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from './quantity.ts'

function quantity(text: string): Quantity {
  const parsed = parseQuantity(text)
  if (parsed === undefined) throw new Error(`not a quantity: ${text}`)
  return parsed
}

test.each([
  '',
  ' ',
  'a',
  '1 ',
  '1x',
  '1K',
  '1ki',
  '1mm',
  '--1',
  '1.2.3',
  '1e',
  '1e+',
  'e5.',
  '1_000',
  '0x10',
  '½',
  '.Ei',
  'Ei',
  'Pi',
  '1'.repeat(1_001),
])('%j is not a quantity', (text) => {
  expect(parseQuantity(text)).toBeUndefined()
})

test.each([
  ['1', '1'],
  ['1024Mi', '1Gi'],
  ['1536Mi', '1536Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Mi', '512Ki'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['1.0', '1'],
  ['0.001', '1m'],
  ['12e6', '12e6'],
  ['12000e3', '12e6'],
  ['1E', '1E'],
  ['100', '100'],
  ['1000', '1k'],
  ['+5', '+5'],
  ['0.0000000001', '1n'],
  ['-0.0000000001', '-1n'],
  ['1000000000000000000000', '1'],
  ['k', '0'],
  ['.', '0'],
  ['-', '0'],
  ['0.0005Ki', '512m'],
  ['99999Ei', '9223372036854775807'],
])('the canonical form of %j is %j', (text, canonical) => {
  expect(formatQuantity(quantity(text))).toBe(canonical)
})

test.each([
  ['1Gi', '1024Mi', 0],
  ['1', '1000m', 0],
  ['1k', '1Ki', -1],
  ['-1', '1', -1],
  ['-1', '-2', 1],
  ['0', '-0', 0],
  ['1e400', '1e399', 1],
  ['1e2147483647', '1', 1],
])('comparing %s with %s gives %i', (left, right, order) => {
  expect(Math.sign(compareQuantities(quantity(left), quantity(right)))).toBe(order)
})

test('quantities with an enormous exponent are compared without expanding it', () => {
  expect(
    compareQuantities(quantity('1e2000000000'), quantity('123456789012345678901234567890e1999999990')),
  ).toBeLessThan(0)
})

test('arithmetic of quantities rejects an enormous exponent', () => {
  expect(() => addQuantities(quantity('1e2000000000'), quantity('1'))).toThrow(
    expect.objectContaining({ code: 'CONDITION_LIMIT_EXCEEDED' }),
  )
})

test('a sum of quantities has the format of the first, unless that is zero', () => {
  expect(formatQuantity(addQuantities(quantity('1Gi'), quantity('1k')))).toBe('1073742824')
  expect(formatQuantity(addQuantities(quantity('0'), quantity('1Gi')))).toBe('1Gi')
  expect(formatQuantity(subtractQuantities(quantity('1'), quantity('1m')))).toBe('999m')
})

test('products of quantities are exact, and quotients are truncated at the finer scale', () => {
  expect(formatQuantity(multiplyQuantities(quantity('1Gi'), quantity('0.5')))).toBe('512Mi')
  expect(formatQuantity(divideQuantities(quantity('10'), quantity('3')))).toBe('3')
  expect(formatQuantity(divideQuantities(quantity('-10'), quantity('3')))).toBe('-3')
  expect(quantityNumber(quantity('1.5'))).toBe(1.5)
  expect(quantityNumber(quantityOf(12n, 'DecimalSI'))).toBe(12)
})

describe('properties', () => {
  const texts = fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3', 'n'))
    .map(([number, suffix]) => `${number}${suffix}`)

  test('the canonical form of a quantity parses as the same quantity', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = quantity(text)
        expect(compareQuantities(quantity(formatQuantity(parsed)), parsed)).toBe(0)
      }),
    )
  })

  test('adding and subtracting the same quantity gives the original quantity', () => {
    fc.assert(
      fc.property(texts, texts, (left, right) => {
        expect(
          compareQuantities(
            subtractQuantities(addQuantities(quantity(left), quantity(right)), quantity(right)),
            quantity(left),
          ),
        ).toBe(0)
      }),
    )
  })

  test('the parser of quantities never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0159.+-eEinumkKMGTP x') }), (text) => {
        const parsed = parseQuantity(text)
        if (parsed !== undefined) expect(typeof formatQuantity(parsed)).toBe('string')
      }),
    )
  })
})
