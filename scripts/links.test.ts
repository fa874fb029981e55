import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('site'))
    .map((name) => `docs/${name}`),
]
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The page without its fenced blocks, whose comments look like headings. */
const proseOf = (path: string): string => read(path).replaceAll(/^```.+?^```$/gms, '')

/** The anchors that GitHub makes of headings. */
function anchorsOf(path: string): readonly string[] {
  return [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Links to files of the repository, with their anchors; not what looks like one in code. */
function linksOf(path: string): readonly (readonly [file: string, anchor: string | undefined])[] {
  return [
    ...proseOf(path)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g),
  ].map(([, file = '', anchor]) => [file === '' ? path : join(dirname(path), file), anchor])
}

test.each(pages)('every link of %s leads to a file that exists', (page) => {
  expect(linksOf(page).filter(([file]) => !existsSync(join(root, file)))).toEqual([])
})

test.each(pages)('every anchor in a link of %s is a heading of the page it leads to', (page) => {
  const missing = linksOf(page).filter(
    ([file, anchor]) => anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor),
  )
  expect(missing).toEqual([])
})

test('the pages have links with anchors', () => {
  expect(pages.flatMap(linksOf).filter(([, anchor]) => anchor !== undefined).length).toBeGreaterThan(10)
})
