import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CertificateError } from './certificate-error.ts'
import { firstGoPemBlock, readPem } from './pem.ts'
import type { PemOptions } from './pem.ts'
import { toPem } from '@verify-images/testing/internal'

const options: PemOptions = { labels: ['CERTIFICATE'] }
const one = toPem('CERTIFICATE', Uint8Array.of(1, 2, 3))
const two = toPem('CERTIFICATE', Uint8Array.of(4, 5))
const refusal = (text: string, given: PemOptions = options): string | undefined => {
  try {
    readPem(text, given)
    return undefined
  } catch (error) {
    return error instanceof CertificateError ? error.code : `foreign: ${String(error)}`
  }
}

test('reads all blocks in order', () => {
  expect(readPem(one + two, options).map(({ bytes }) => [...bytes])).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

test('skips text around the blocks, as Go and openssl do', () => {
  const text = `subject=CN = x\n${one}\n\nissuer=CN = y\n${two}trailing`
  expect(readPem(text, options)).toHaveLength(2)
  expect(refusal(text, { ...options, surroundingText: 'refuse' })).toBe('CERTIFICATE_PEM_INVALID')
  expect(refusal(`\n${one}\n`, { ...options, surroundingText: 'refuse' })).toBeUndefined()
})

test.each([
  ['CR LF', one.replaceAll('\n', '\r\n')],
  ['no line end after the end line', one.trimEnd()],
  ['blanks at the ends of lines', one.replaceAll('\n', ' \t\n')],
  ['one character a line', one.replace(/^(?!-).*$/m, (line) => line.split('').join('\n'))],
  ['an indented body', one.replace('\nAQID', '\n  AQID')],
])('reads a block with %s', (_name, text) => {
  expect([...readPem(text, options)[0].bytes]).toEqual([1, 2, 3])
})

test.each([
  ['nothing', ''],
  ['text only', 'hello'],
  ['another label', toPem('PUBLIC KEY', Uint8Array.of(1))],
  ['another label beside a good block', one + toPem('PRIVATE KEY', Uint8Array.of(1))],
  ['no end line', one.replace(/-----END.*/, '')],
  ['no begin line', one.replace(/-----BEGIN.*/, '')],
  ['a block inside a block', one.replace('AQID', `AQID\n${two}`)],
  ['labels that differ', one.replace('END CERTIFICATE', 'END PUBLIC KEY')],
  ['too few dashes', one.replaceAll('CERTIFICATE-----', 'CERTIFICATE----')],
  ['a lone carriage return behind the end line', `${one.trimEnd()}\r`],
  ['an indented begin line', ` ${one}`],
  ['a begin line behind text', `x${one}`],
  ['an empty body', one.replace('AQID', '')],
  ['a header', one.replace('AQID', 'Proc-Type: 4,ENCRYPTED\n\nAQID')],
  ['the alphabet of URLs', one.replace('AQID', 'AQ-_')],
  ['missing padding', two.replace('=', '')],
  ['bits behind the end', two.replace('BAU=', 'BAV=')],
  ['padding in the middle', two.replace('BAU=', 'BAU=BAU=')],
])('rejects %s', (_name, text) => {
  expect(refusal(text)).toBe('CERTIFICATE_PEM_INVALID')
})

test('limits the length and the number of blocks', () => {
  expect(refusal(one.repeat(257))).toBe('CERTIFICATE_LIMIT_EXCEEDED')
  expect(refusal(one + two, { ...options, maxBlocks: 1 })).toBe('CERTIFICATE_LIMIT_EXCEEDED')
  expect(refusal(one + ' '.repeat(5_000_000))).toBe('CERTIFICATE_LIMIT_EXCEEDED')
})

test.each([' ', '\t', '\n', '-', '-----BEGIN ', '-----BEGIN CERTIFICATE-----\n', '-----END CERTIFICATE-----'])(
  'is linear on a megabyte of %j',
  (text) => {
    const started = performance.now()
    expect(refusal(text.repeat(1_000_000 / text.length))).toMatch(/^CERTIFICATE_/)
    expect(performance.now() - started).toBeLessThan(500)
  },
)

test('throws only CertificateError, on any text made of PEM parts', () => {
  const pieces = fc.constantFrom(
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN ',
    '-----',
    '\n',
    '\r\n',
    'AQID',
    '=',
    ' ',
    'é',
    'x: y',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      expect(refusal(parts.join('')) ?? 'CERTIFICATE').toMatch(/^CERTIFICATE/)
    }),
    { numRuns: 2_000 },
  )
})

const block = '-----BEGIN X-----\naGk=\n-----END X-----'

test.each([
  [block],
  [`text before\n${block}\r\ntext after`],
  ['-----BEGIN X-----\nProc-Type: 4\nA: b\n\naG k=\n-----END X-----'],
  [`-----BEGIN Y-----\n!!!!\n-----END Y-----\n${block}`],
  [`-----BEGIN Y-----\naGk=\n${block}`],
])('the Go dialect finds a block in %j, where the strict one may reject the text', (text) => {
  expect(firstGoPemBlock(text)).toEqual({ label: 'X', bytes: Uint8Array.from(Buffer.from('hi')) })
})

test.each([
  '',
  'x-----BEGIN X-----\naGk=\n-----END X-----',
  '-----BEGIN X-----\naGk=\n-----END Y-----',
  '-----BEGIN X-----\naGk\n-----END X-----',
])('the Go dialect finds no block in %j', (text) => {
  expect(firstGoPemBlock(text)).toBeUndefined()
})
