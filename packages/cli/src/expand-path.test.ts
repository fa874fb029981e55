import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expandPath } from './expand-path.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'expand-'))
  for (const name of ['b/c', '.hidden', 'node_modules/x']) await mkdir(join(folder, name), { recursive: true })
  for (const name of ['z.yaml', 'a.yml', 'b/c/d.json', 'b/readme.md', '.hidden/e.yaml', 'node_modules/x/f.yaml'])
    await writeFile(join(folder, name), '')
  await symlink(join(folder, 'a.yml'), join(folder, 'b', 'link.yaml'))
  await writeFile(join(folder, 'what[1].yaml'), '')
})
afterAll(() => rm(folder, { recursive: true }))

const expanded = async (path: string): Promise<readonly string[]> =>
  (await expandPath(join(folder, path))).map((found) => relative(folder, found))

test('a folder names the manifests in it and below it, sorted, without hidden folders', async () => {
  expect(await expanded('')).toEqual(['a.yml', 'b/c/d.json', 'b/link.yaml', 'what[1].yaml', 'z.yaml'])
})

test.each([
  ['*.yaml', ['what[1].yaml', 'z.yaml']],
  ['b/**/*.json', ['b/c/d.json']],
  ['b/*', ['b/link.yaml', 'b/readme.md']],
  ['{a.yml,z.yaml}', ['a.yml', 'z.yaml']],
  ['*.txt', []],
])('the pattern %s names the files that match it', async (pattern, files) => {
  expect(await expanded(pattern)).toEqual(files)
})

test('a file names itself, also with characters of a pattern, and so does a missing one', async () => {
  expect(await expanded('b/readme.md')).toEqual(['b/readme.md'])
  expect(await expanded('what[1].yaml')).toEqual(['what[1].yaml'])
  expect(await expanded('gone.yaml')).toEqual(['gone.yaml'])
  expect(await expandPath('-')).toEqual(['-'])
})
