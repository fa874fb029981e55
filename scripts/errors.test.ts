import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as primitives from '../packages/primitives/src/index.ts'
import { kubernetesCodes } from '../packages/kubernetes/src/kubernetes-error.ts'
import { webhookCodes } from '../packages/webhook/src/webhook-error.ts'

const root = join(import.meta.dirname, '..')
const CODE =
  /'((?:POLICY|IMAGE|CONDITION|REGISTRY|ATTESTOR|VERIFIER|CERTIFICATE|NOTARY|WEBHOOK|KUBERNETES)_[A-Z0-9_]+)'/g

function codesInSource(): Set<string> {
  const codes = new Set<string>()
  for (const folder of readdirSync(join(root, 'packages'))) {
    const source = join(root, 'packages', folder, 'src')
    for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      // The list of codes itself is no use of them.
      if (!file.endsWith('.ts') || /\.test(?:-d)?\.ts$|(?:^|\/)testing\/|reasons\/codes\.ts$/.test(file)) continue
      for (const [, code = ''] of readFileSync(join(source, file), 'utf8').matchAll(CODE)) codes.add(code)
    }
  }
  return codes
}

const doc = readFileSync(join(root, 'docs/errors.md'), 'utf8')

test('docs/errors.md has every code that is used, and no other', () => {
  const documented = [...doc.matchAll(/^\| `([A-Z0-9_]+)`(?: ◦)? \|/gm)].map(([, code]) => code)
  expect(documented.filter((code, i) => documented.indexOf(code) !== i)).toEqual([])
  expect([...documented].sort()).toEqual([...codesInSource()].sort())
})

test('the exported lists of codes have every documented code, and no other', () => {
  const { attestorCodes, certificateCodes, conditionCodes, imageCodes } = primitives
  const { notaryCodes, policyCodes, registryCodes, verifierCodes } = primitives
  const listed = [
    ...[attestorCodes, certificateCodes, conditionCodes, imageCodes],
    ...[notaryCodes, policyCodes, registryCodes, verifierCodes, webhookCodes],
    kubernetesCodes,
  ].flat()
  const documented = [...doc.matchAll(/^\| `([A-Z0-9_]+)`(?: ◦)? \|/gm)].map(([, code]) => code)
  expect(documented.toSorted()).toEqual(listed.toSorted())
})

test('docs/errors.md marks the attestor codes of checks that could not be made', () => {
  const marks = new Map(
    [...doc.matchAll(/^\| `(ATTESTOR_[A-Z0-9_]+)`( ◦)? \|/gm)].map(([, code, mark]) => [code, mark !== undefined]),
  )
  for (const code of primitives.attestorCodes)
    expect([code, marks.get(code)]).toEqual([code, new primitives.CheckError(code, '').inconclusive])
})

test('the exported rows are those of docs/differences.md', () => {
  const [tables = ''] = readFileSync(join(root, 'docs/differences.md'), 'utf8').split('## Where we do less')
  const rows = [...tables.matchAll(/^\| ([\w-]+) \|/gm)]
    .map(([, row]) => row)
    .filter((row) => row !== 'row' && row !== '---')
  expect(rows.toSorted()).toEqual([...primitives.differenceRows].toSorted())
})

test('docs/errors.md says for every code what to do', () => {
  const rows = doc.split('\n').filter((line) => /^\| `[A-Z0-9_]+`/.test(line))
  const cells = rows.map((row) => row.replaceAll('\\|', '').split('|').length - 2)
  expect(rows.filter((_, i) => cells[i] !== 3)).toEqual([])
})
