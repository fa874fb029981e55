import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as api from './index.ts'
import { createCorpusSource, readCorpusText } from './testing/corpus-source.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

test('the example of the README does what it says', async () => {
  const source = createCorpusSource()
  const publicKeys = readCorpusText('registry/trust/a.pub')

  const evaluator = api.createAttestorEvaluator()
  const entry = {
    attestors: [{ count: 1, entries: [{ keys: { publicKeys, rekor: { ignoreTlog: true } } }] }],
    mutateDigest: true,
    verifyDigest: true,
    required: true,
    useCache: true,
  }
  expect(evaluator.inspect(entry, 'spec.rules[0].verifyImages[0]')).toEqual([])

  const image = {
    reference: 'registry.local:5000/app:signed-a',
    repository: 'registry.local:5000/app',
    tag: 'signed-a',
  }
  const run = {
    source,
    now: new Date(),
    signal: AbortSignal.timeout(5_000),
    memo: api.createVerificationMemo(),
    budget: api.createEvaluationBudget(),
  }
  const outcome = await evaluator.verifySignatures(entry, image, run)
  expect(outcome).toMatchObject({
    kind: 'accepted',
    digest: expect.stringMatching(/^sha256:2ac67ba7/),
    evidence: [{ signer: { kind: 'key' } }],
  })

  const unsigned = await evaluator.verifySignatures(
    entry,
    { ...image, reference: 'registry.local:5000/app:unsigned', tag: 'unsigned' },
    run,
  )
  expect(unsigned.kind === 'accepted' ? [] : api.reasonsOf(unsigned.failure)).toEqual([
    {
      code: 'ATTESTOR_NO_SIGNATURE',
      message: 'the image is not signed',
      path: 'attestors[0].entries[0]',
      image: 'registry.local:5000/app:unsigned',
    },
  ])
})

test('the README names every function', () => {
  for (const name of Object.keys(api)) if (!name.endsWith('Error')) expect(readme).toContain(name)
})
