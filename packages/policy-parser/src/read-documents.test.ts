import { describe, expect, test } from 'vitest'
import { PolicyError } from './policy-error.ts'
import { readDocuments } from './read-documents.ts'

const values = (text: string): unknown[] => readDocuments(text).map(({ value }) => value)

function errorOf(run: () => unknown): PolicyError {
  try {
    run()
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const refusal = (text: string): string => errorOf(() => readDocuments(text)).code

describe('readDocuments', () => {
  test('reads several documents, leaves out empty ones and expands lists', () => {
    expect(
      values(
        '# nothing\n---\na: 1\n--- # next\n{"b": [true]}\n---\n\n---\napiVersion: v1\nkind: List\nitems: ' +
          '[{c: 1}, {apiVersion: v1, kind: List, items: [{d: 2}]}]\n',
      ),
    ).toEqual([{ a: 1 }, { b: [true] }, { c: 1 }, { d: 2 }])
  })

  test('expands the list kinds of policies and exceptions, and no others', () => {
    for (const kind of ['ClusterPolicyList', 'PolicyList', 'PolicyExceptionList']) {
      expect(
        values(`apiVersion: kyverno.io/v1\nkind: ${kind}\nmetadata: {resourceVersion: '5'}\nitems: [{c: 1}]\n`),
      ).toEqual([{ c: 1 }])
    }
    for (const text of [
      'apiVersion: v1\nkind: PodList\nitems: [{c: 1}]\n',
      'apiVersion: v1\nkind: PolicyList\nitems: [{c: 1}]\n',
    ])
      expect(values(text)).toMatchObject([{ items: [{ c: 1 }] }])
  })

  test('does not expand a string that looks like a list', () =>
    expect(values('kind: List\nitems: [1]')).toEqual([{ kind: 'List', items: [1] }]))

  test('reads a byte order mark, directives and an end mark as no content', () => {
    expect(values('\u{FEFF}%YAML 1.1\n---\na: 1\n...\n')).toEqual([{ a: 1 }])
    expect(values('--- {a: 1}\n')).toEqual([{ a: 1 }])
  })

  test('reads strings of all languages', () =>
    expect(values('a: "日本 \u{1F600} é"')).toEqual([{ a: '日本 \u{1F600} é' }]))

  test('reads JSON with tabs and escapes', () => expect(values('{\n\t"a":\t"\\u00e9\\/"\n}')).toEqual([{ a: 'é/' }]))

  test('turns keys into strings, as Go formats them', () =>
    expect(values('1: a\nyes: b\n0x10: c')).toEqual([{ 1: 'a', true: 'b', 16: 'c' }]))

  test('rejects a key that is repeated in another form', () =>
    expect(refusal('yes: 1\ntrue: 2')).toBe('POLICY_YAML_INVALID'))

  test('reads quoted and tagged scalars as their type', () => {
    expect(values('[ "yes", \'017\', !!str 5, !!int "5", ! 7 ]')).toEqual([['yes', '017', '5', 5, '7']])
  })

  test('resolves anchors', () => expect(values('a: &x {k: [1]}\nb: *x')).toEqual([{ a: { k: [1] }, b: { k: [1] } }]))

  test('merges mappings: later keys win, of several sources the first', () => {
    expect(values('x: &x {a: 1, b: 1}\nz: &z {b: 2, c: 2}\nw:\n  <<: [*x, *z]\n  a: 3')[0]).toMatchObject({
      w: { a: 3, b: 1, c: 2 },
    })
  })

  test('reads a quoted `<<` as a key', () => expect(values('"<<": 1')).toEqual([{ '<<': 1 }]))

  test('reads names of the prototype as ordinary keys', () => {
    const [value] = values('x: &x {__proto__: {polluted: 1}}\nw: {<<: *x, constructor: 1}')
    expect(Object.hasOwn((value as { w: object }).w, '__proto__')).toBe(true)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('places', () => {
  test('the place of a path is that of its key or item, or of the nearest parent', () => {
    const [first, second] = readDocuments('a: 1\n---\nspec:\n  rules:\n  - name: x\n    "odd.key": 1\n')
    expect(first?.locate('a')).toEqual({ line: 1, column: 1 })
    expect(second?.locate('spec.rules[0].name')).toEqual({ line: 5, column: 5 })
    expect(second?.locate('spec.rules[0]["odd.key"]')).toEqual({ line: 6, column: 5 })
    expect(second?.locate('spec.rules[0].absent.deeper')).toEqual({ line: 5, column: 5 })
    expect(second?.locate('spec.rules[7]')).toEqual({ line: 4, column: 3 })
  })

  test('the place of a path behind an alias or a merged key is where it is written', () => {
    const [document] = readDocuments('base: &b\n  k: {deep: 1}\nalias: *b\nmerged:\n  <<: *b\n')
    expect(document?.locate('alias')).toEqual({ line: 3, column: 1 })
    expect(document?.locate('alias.k.deep')).toEqual({ line: 2, column: 7 })
    expect(document?.locate('merged.k')).toEqual({ line: 2, column: 3 })
  })
})

describe('refusals', () => {
  test.each([
    ['an empty text', '', 'POLICY_MISSING'],
    ['comments only', '# a\n---\n# b', 'POLICY_MISSING'],
    ['a key twice', 'a: 1\na: 2', 'POLICY_YAML_INVALID'],
    ['a key twice in JSON', '{"a": 1, "a": 2}', 'POLICY_YAML_INVALID'],
    ['a key before a merge of the same', 'x: &x {a: 1}\ny: {a: 2, <<: *x}', 'POLICY_YAML_INVALID'],
    ['two merge keys', 'x: &x {a: 1}\ny: {<<: *x, <<: *x}', 'POLICY_YAML_INVALID'],
    ['a merge of no mapping', 'y: {<<: 1}', 'POLICY_YAML_INVALID'],
    ['a key that is null', '~: 1', 'POLICY_YAML_INVALID'],
    ['a key that is a list', '? [a]\n: 1', 'POLICY_YAML_INVALID'],
    ['a function', 'a: !!js/function "function () {}"', 'POLICY_YAML_INVALID'],
    ['binary data', 'a: !!binary aGk=', 'POLICY_YAML_INVALID'],
    ['a tag that does not fit', 'a: !!int x', 'POLICY_YAML_INVALID'],
    ['a local tag', 'a: !mine [1]', 'POLICY_YAML_INVALID'],
    ['redefined tags', '%TAG !! tag:x,2000:\n---\na: !!str 1', 'POLICY_YAML_INVALID'],
    ['an unknown alias', 'a: *b', 'POLICY_YAML_INVALID'],
    ['an anchor inside itself', 'a: &a [*a]', 'POLICY_YAML_INVALID'],
    ['an unclosed bracket', 'a: [1', 'POLICY_YAML_INVALID'],
    ['a document that Kubernetes does not see', 'a: 1\n--- {b: 2}\n', 'POLICY_YAML_INVALID'],
    ['a document behind an end mark', 'a: 1\n...\nb: 2\n', 'POLICY_YAML_INVALID'],
    ['a control character', 'a: "\u0007"', 'POLICY_YAML_INVALID'],
    ['a byte order mark inside', 'a: \u{FEFF}b', 'POLICY_YAML_INVALID'],
    ['half a character', 'a: \u{D800}', 'POLICY_YAML_INVALID'],
    ['a line separator that is one in YAML 1.1 only', '# hidden\u2028kind: x\n', 'POLICY_YAML_INVALID'],
    ['a number beyond the exact ones', 'a: 9007199254740993', 'POLICY_NUMBER_INEXACT'],
  ])('rejects the text with %s', (_name, text, code) => expect(refusal(text)).toBe(code))

  test('a refusal has its line and column', () =>
    expect(errorOf(() => readDocuments('a: 1\n---\nb: 1\nb: 2\n', { source: 'x.yaml' }))).toMatchObject({
      source: 'x.yaml',
      issues: [{ line: 4, column: 1 }],
    }))

  test('U+2028 does not separate documents', () =>
    expect(refusal('a: |\n  x\u2028---\u2028b: 1')).toBe('POLICY_YAML_INVALID'))

  test('documents are separated only where a line begins with `---`', () =>
    expect(values('a: |\n  ---\n  x\n')).toEqual([{ a: '---\nx\n' }]))
})

describe('hostile input', () => {
  const aliases = (levels: number): string =>
    Array.from(
      { length: levels },
      (_, i) =>
        `a${i}: &a${i} [${Array<string>(9)
          .fill(i === 0 ? 'x' : `*a${i - 1}`)
          .join(',')}]\n`,
    ).join('')
  const merges = (count: number): string =>
    Array.from({ length: count }, (_, i) => `m${i}: &m${i}\n${i === 0 ? '' : `  <<: *m${i - 1}\n`}  k${i}: 0\n`).join(
      '',
    )

  test.each([
    ['an alias bomb', aliases(10), 'POLICY_TOO_LARGE'],
    ['a long chain of merges', merges(3_000), 'POLICY_TOO_LARGE'],
    ['deep brackets', '['.repeat(5_000), 'POLICY_TOO_LARGE'],
    ['deep mappings', 'a: '.concat('{a: '.repeat(5_000)), 'POLICY_TOO_LARGE'],
    ['deep block items', '- '.repeat(5_000), 'POLICY_TOO_LARGE'],
    ['very many items', `[${'a,'.repeat(380_000)}]`, 'POLICY_TOO_LARGE'],
    ['very many documents', 'a: 1\n---\n'.repeat(100_000), 'POLICY_TOO_LARGE'],
    ['a hundred megabytes', ' '.repeat(100_000_000), 'POLICY_TOO_LARGE'],
    ['a long document', `a: ${'x'.repeat(800_000)}`, 'POLICY_TOO_LARGE'],
    ['many digits', `a: ${'9'.repeat(700_000)}`, 'POLICY_NUMBER_INEXACT'],
  ])('rejects %s in bounded time', (_name, text, code) => {
    const start = process.cpuUsage()
    expect(refusal(text)).toBe(code)
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_000)
  })

  test('control: resolves a few aliases', () => expect(values(aliases(3))).toHaveLength(1))

  test('merges a mapping that is listed twenty thousand times', () => {
    expect(values(`x: &x {a: 1}\ny: {<<: [${Array<string>(20_000).fill('*x').join(',')}]}`)[0]).toMatchObject({
      x: { a: 1 },
      true: { a: 1 },
    })
  })
})
