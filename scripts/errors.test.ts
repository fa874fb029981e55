import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AttestorError, type AttestorErrorCode } from '../packages/attestor-evaluator/src/index.ts'

const root = join(import.meta.dirname, '..')
const CODE = /'((?:POLICY|IMAGE|CONDITION|REGISTRY|ATTESTOR|VERIFIER|CERTIFICATE|NOTARY)_[A-Z0-9_]+)'/g

function codesInSource(): Set<string> {
  const codes = new Set<string>()
  for (const folder of readdirSync(join(root, 'packages'))) {
    const source = join(root, 'packages', folder, 'src')
    for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.test(?:-d)?\.ts$|(?:^|\/)testing\//.test(file)) continue
      for (const [, code = ''] of readFileSync(join(source, file), 'utf8').matchAll(CODE)) codes.add(code)
    }
  }
  return codes
}

const doc = readFileSync(join(root, 'docs/errors.md'), 'utf8')

test('docs/errors.md names every code that can be met, and no other', () => {
  const documented = [...doc.matchAll(/^\| `([A-Z0-9_]+)`(?: ◦)? \|/gm)].map(([, code]) => code)
  expect(documented.filter((code, i) => documented.indexOf(code) !== i)).toEqual([])
  expect([...documented].sort()).toEqual([...codesInSource()].sort())
})

test('it marks what an attestor could not tell', () => {
  const rows = [...doc.matchAll(/^\| `(ATTESTOR_[A-Z0-9_]+)`( ◦)? \|/gm)].map(([, code, mark]) => [
    code,
    mark !== undefined,
  ])
  expect(rows.length).toBeGreaterThan(20)
  expect(rows).toEqual(rows.map(([code]) => [code, new AttestorError(code as AttestorErrorCode, '').inconclusive]))
})
