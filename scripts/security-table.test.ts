import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Every test that docs/security.md names has to exist: otherwise an untested attack would read as tested. */
const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/security.md'), 'utf8')

interface Row {
  readonly attack: string
  readonly shownBy: string
}

const rows: readonly Row[] = [...page.matchAll(/^\| ([a-z0-9]+(?:-[a-z0-9]+)+) \| [^|]+ \| (.+) \|$/gm)].map(
  ([, attack = '', shownBy = '']) => ({ attack, shownBy }),
)

interface NamedTests {
  readonly file: string
  readonly titles: readonly string[]
}

/** `[package: file](../path) “title”, “title”` */
function namedTests({ shownBy }: Row): readonly NamedTests[] {
  return shownBy.split('<br>').flatMap((item) => {
    const [, file] = /\]\(\.\.\/([^)]+)\)/.exec(item) ?? []
    return file === undefined
      ? []
      : [{ file, titles: [...item.matchAll(/“([^“”]+)”/g)].map(([, title = '']) => title) }]
  })
}

function namedCases({ shownBy }: Row): readonly string[] {
  return [...shownBy.matchAll(/`conformance cases\/([a-z-]+\/[a-z0-9-]+)`/g)].map(([, name = '']) => name)
}

/** The expected decisions of the recorded cases, by `area/attack`. */
function recordedCases(): ReadonlyMap<string, ReadonlySet<string>> {
  const cases = JSON.parse(readFileSync(join(root, 'conformance/corpus/attacks/index.json'), 'utf8')) as readonly {
    area: string
    name: string
    must: string
  }[]
  const recorded = new Map<string, Set<string>>()
  for (const { area, name, must } of cases) {
    const key = `${area}/${name.split('/', 1)[0] ?? ''}`
    recorded.set(key, (recorded.get(key) ?? new Set()).add(must))
  }
  return recorded
}

test('docs/security.md has every attack once', () => {
  expect(rows.length).toBeGreaterThanOrEqual(98)
  expect(new Set(rows.map(({ attack }) => attack)).size).toBe(rows.length)
})

test.each(rows)('$attack names tests that exist', (row) => {
  const tests = namedTests(row)
  expect(tests.length + namedCases(row).length).toBeGreaterThan(0)
  for (const { file, titles } of tests) {
    expect(existsSync(join(root, file)), file).toBe(true)
    const source = readFileSync(join(root, file), 'utf8').replaceAll("\\'", "'")
    expect(titles, file).not.toEqual([])
    // As a title, or as the name of a case in a table.
    for (const title of titles)
      expect(
        ["'", '`', '"'].some((quote) => source.includes(`${quote}${title}${quote}`)),
        `${file}: ${title}`,
      ).toBe(true)
  }
})

test('every named recording has cases, and every recorded attack is named', () => {
  const recorded = recordedCases()
  const named = rows.flatMap(namedCases)
  for (const name of named) expect(recorded.get(name)?.size, name).toBeGreaterThan(0)
  expect([...recorded.keys()].filter((name) => !named.includes(name))).toEqual([])
})
