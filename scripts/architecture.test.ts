import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

/** Files and folders between backticks; a bare file name is in the folder of the one before it. */
function namedPaths(): readonly string[] {
  const paths: string[] = []
  let folder = ''
  for (const [, path = ''] of page.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]+)*(?:\/|\.ts))`/g)) {
    if (path === 'limits.ts') continue
    const full = path.includes('/') ? path : join(folder, path)
    folder = full.endsWith('/') ? full : dirname(full)
    paths.push(full)
  }
  return paths
}

/** A path is below packages/, below the root, or below core/src where the text is about core. */
const exists = (path: string): boolean =>
  ['packages', '.', 'packages/core/src'].some((base) => existsSync(join(root, base, path)))

test('every file that docs/architecture.md names is there', () => {
  expect(namedPaths().length).toBeGreaterThan(25)
  expect(namedPaths().filter((path) => !exists(path))).toEqual([])
})

test('every file in the picture is there', () => {
  const [, picture = ''] = /```mermaid\n(.*?)```/s.exec(page) ?? []
  const files = [...picture.matchAll(/(?<![a-z-])[a-z-]+\.ts/g)].map(([file]) => file)
  const sources = new Set(
    readdirSync(join(root, 'packages')).flatMap((folder) =>
      readdirSync(join(root, 'packages', folder, 'src'), { recursive: true, encoding: 'utf8' }).map((path) =>
        basename(path),
      ),
    ),
  )
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((file) => !sources.has(file))).toEqual([])
})

test('every function in the outline of docs/architecture.md is declared', () => {
  const [, outline = ''] = /```text\n(.*?)```/s.exec(page) ?? []
  const functions = [...outline.matchAll(/^ *((?:[a-z]\w+, )*[a-z]\w+)(?= {2}|$)/gm)].flatMap(([, names = '']) =>
    names.split(', '),
  )
  const declared = new Set(
    readdirSync(join(root, 'packages')).flatMap((folder) =>
      readdirSync(join(root, 'packages', folder, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
        .flatMap((path) => [
          ...readFileSync(join(root, 'packages', folder, 'src', path), 'utf8').matchAll(/function\*? (\w+)/g),
        ])
        .map(([, name]) => name),
    ),
  )
  expect(functions.length).toBeGreaterThan(20)
  expect(functions.filter((name) => !declared.has(name))).toEqual([])
})

test('the table of packages has each package once', () => {
  const [, table = ''] = page.split('## Packages')
  const rows = [...table.matchAll(/^\| ([a-z0-9-]+) \|/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'package' && name !== '---')
  expect(rows.toSorted()).toEqual(readdirSync(join(root, 'packages')).toSorted())
})
