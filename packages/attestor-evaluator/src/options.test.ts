import { expect, test } from 'vitest'
import { createAttestorEvaluator } from './attestor-evaluator.ts'
import { createBundleVerifier } from './bundle/bundle-verifier.ts'
import { createCosignVerifier } from './cosign/cosign-verifier.ts'
import { discover } from './discovery/discover.ts'
import { tufTrust } from './tuf/tuf-trust.ts'

const refused = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'ATTESTOR_OPTIONS_INVALID', message: expect.stringMatching(message) })
const secret = 'hunter2'

// What callers without types may write.
test.each<[unknown, RegExp]>([
  [null, /^`options`: expected an object, got null$/],
  ['auto', /^`options`: expected an object, got a string$/],
  [
    { requireSignedRepositori: true },
    /^`requireSignedRepositori`: unknown option, did you mean `requireSignedRepository`\?$/,
  ],
  [{ requireSignedRepository: 'yes' }, /^`requireSignedRepository`: expected a boolean, got a string$/],
  [{ ignoreForeignAttestations: 1 }, /^`ignoreForeignAttestations`: expected a boolean, got 1$/],
  [{ requiredLogs: 0 }, /^`requiredLogs`: expected a positive integer, got 0$/],
  [
    { transparencyLog: { findEntri: () => undefined } },
    /^`transparencyLog`: expected a transparency log client with `findEntry`, got an object$/,
  ],
  [{ discovery: 'automatic' }, /^`discovery`: expected `as-kyverno` or `auto`, got `automatic`$/],
  [{ verifiers: secret }, /^`verifiers`: expected an array, each item a signature verifier with .*, got a string$/],
  [
    { verifiers: [{ ...createCosignVerifier(), signatureType: 'cosign' }] },
    /^`verifiers\[0\]`: expected a signature verifier with .*, got an object$/,
  ],
])('an evaluator refuses %j', (options, message) => {
  expect(() => createAttestorEvaluator(options as object)).toThrow(refused(message))
})

test('an undefined option counts as omitted', () => {
  expect(() =>
    createAttestorEvaluator({
      discovery: undefined,
      requiredLogs: undefined,
      verifyPinnedChain: undefined,
      verifiers: [createCosignVerifier()],
    }),
  ).not.toThrow()
})

test('each verifier takes its own options only', () => {
  expect(() => createCosignVerifier({ requiredLogs: 2 } as object)).toThrow(refused(/^`requiredLogs`: unknown option/))
  expect(() => createBundleVerifier({ verifyPinnedChain: true } as object)).toThrow(
    refused(/^`verifyPinnedChain`: unknown option/),
  )
})

test('a client of TUF is not left without its place', () => {
  expect(() => tufTrust({ cachepath: '/x' } as never)).toThrow(refused(/^`cachepath`: unknown option/))
  expect(() => tufTrust({} as never)).toThrow(refused(/^`cacheFolder`: expected a string, got undefined$/))
})

test('nor without its signal', async () => {
  const trust = tufTrust({ cacheFolder: '/x' })
  await expect(trust.load(undefined as never)).rejects.toEqual(
    refused(/^`signal`: expected an AbortSignal, got undefined$/),
  )
  await expect(trust.refresh({} as never)).rejects.toEqual(
    refused(/^`signal`: expected an AbortSignal, got an object$/),
  )
})

test('invalid readers are refused before any of them is called', async () => {
  await expect(
    discover({ reference: 'r.test/a:1', repository: 'r.test/a' }, {} as never, AbortSignal.timeout(1000), {
      readers: [null],
    } as never),
  ).rejects.toEqual(refused(/^`readers\[0\]`: expected an attachment reader/))
})

test('without a time nothing is verified', async () => {
  const evaluator = createAttestorEvaluator()
  for (const now of [undefined, new Date('never')]) {
    const run = { now, signal: AbortSignal.timeout(1000) } as never
    await expect(evaluator.verifySignatures({} as never, {} as never, run)).rejects.toEqual(
      refused(/^`now`: expected a valid Date/),
    )
    await expect(evaluator.verifyAttestations({} as never, {} as never, run, {} as never)).rejects.toEqual(
      refused(/^`now`: expected a valid Date/),
    )
  }
})
