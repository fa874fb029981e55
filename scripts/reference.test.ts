import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { createImageVerifier, parsePolicies } from '../packages/core/src/index.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

const page = read('docs/reference.md')
const model = ts.createSourceFile('model.ts', read('packages/policy-parser/src/model.ts'), ts.ScriptTarget.Latest, true)

/** Types of the model that are no field of a policy: what surrounds it, and exceptions. */
const OTHERS = new Set(['Position', 'Policy', 'PolicyFinding', 'PolicyException'])

const fields = model.statements.flatMap((statement) =>
  ts.isInterfaceDeclaration(statement) && !OTHERS.has(statement.name.text)
    ? statement.members.map((member) => [statement.name.text, member.name?.getText(model) ?? ''] as const)
    : [],
)

test('the model has the fields of a rule', () => {
  expect(fields.length).toBeGreaterThan(80)
})

test.each(fields)('docs/reference.md says what %s.%s does', (_, field) => {
  expect(new RegExp(`\`(?:[a-zA-Z]+\\.)*${field}(?:\\.[a-zA-Z.]+)?\``).test(page)).toBe(true)
})

test('the policy of docs/reference.md is accepted, and nothing in it never passes', () => {
  const yaml = /^```yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? ''
  const { problems } = createImageVerifier({ policies: parsePolicies(yaml, { source: 'reference.md' }) })
  expect(problems).toEqual([])
})
