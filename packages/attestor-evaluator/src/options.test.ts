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
  [null, /^`options` must be an object, found null$/],
  ['auto', /^`options` must be an object, found a text$/],
  [
    { requireSignedRepositori: true },
    /^`requireSignedRepositori` is not an option, expected one of verifyPinnedChain, /,
  ],
  [{ requireSignedRepository: 'yes' }, /^`requireSignedRepository` must be true or false, found a text$/],
  [{ ignoreForeignAttestations: 1 }, /^`ignoreForeignAttestations` must be true or false, found 1$/],
  [{ requiredLogs: 0 }, /^`requiredLogs` must be a whole number of at least 1, found 0$/],
  [
    { transparencyLog: { findEntri: () => undefined } },
    /^`transparencyLog` must be a client of a transparency log, with `findEntry`, found an object$/,
  ],
  [{ discovery: 'automatic' }, /^`discovery` must be `as-kyverno` or `auto`, found `automatic`$/],
  [{ verifiers: secret }, /^`verifiers` must be a list, each of its items a signature verifier, .*, found a text$/],
  [
    { verifiers: [{ ...createCosignVerifier(), signatureType: 'cosign' }] },
    /^`verifiers\[0\]` must be a signature verifier, .*, found an object$/,
  ],
])('an evaluator refuses %j', (options, message) => {
  expect(() => createAttestorEvaluator(options as object)).toThrow(refused(message))
})

test('what is undefined is as good as left out', () => {
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
  expect(() => createCosignVerifier({ requiredLogs: 2 } as object)).toThrow(refused(/^`requiredLogs` is not an option/))
  expect(() => createBundleVerifier({ verifyPinnedChain: true } as object)).toThrow(
    refused(/^`verifyPinnedChain` is not an option/),
  )
})

test('a client of TUF is not left without its place', () => {
  expect(() => tufTrust({ cachepath: '/x' } as never)).toThrow(refused(/^`cachepath` is not an option/))
  expect(() => tufTrust({} as never)).toThrow(refused(/^`cachePath` must be a text, found nothing$/))
})

test('nor without its signal', async () => {
  const trust = tufTrust({ cachePath: '/x' })
  await expect(trust.load(undefined as never)).rejects.toEqual(
    refused(/^`signal` must be an AbortSignal, found nothing$/),
  )
  await expect(trust.refresh({} as never)).rejects.toEqual(
    refused(/^`signal` must be an AbortSignal, found an object$/),
  )
})

test('readers that are none are refused before anything is asked', async () => {
  await expect(
    discover({ reference: 'r.test/a:1', repository: 'r.test/a' }, {} as never, AbortSignal.timeout(1000), {
      readers: [null],
    } as never),
  ).rejects.toEqual(refused(/^`readers\[0\]` must be an attachment reader/))
})

test('without a time nothing is verified', async () => {
  const evaluator = createAttestorEvaluator()
  for (const now of [undefined, new Date('never')]) {
    const run = { now, signal: AbortSignal.timeout(1000) } as never
    await expect(evaluator.verifySignatures({} as never, {} as never, run)).rejects.toEqual(
      refused(/^`now` must be a time/),
    )
    await expect(evaluator.verifyAttestations({} as never, {} as never, run, {} as never)).rejects.toEqual(
      refused(/^`now` must be a time/),
    )
  }
})
