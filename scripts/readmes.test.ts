import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Manifest {
  readonly name: string
  readonly engines: { readonly node: string }
  readonly bin?: object
  readonly private?: boolean
}

const root = join(import.meta.dirname, '..')
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8')
const libraries = readdirSync(join(root, 'packages')).flatMap((folder) => {
  const manifest = JSON.parse(read('packages', folder, 'package.json')) as Manifest
  return manifest.bin === undefined && manifest.private !== true ? [{ folder, manifest }] : []
})

test.each(libraries)(
  'the README of $folder shows how to install it and which Node versions it supports',
  ({ folder, manifest: { name, engines } }) => {
    const [line] = read('packages', folder, 'README.md').match(/^ {4}npm install .*$/m) ?? []
    expect(line?.replace('--save-dev ', '')).toBe(`    npm install ${name}    # Node ${engines.node}, ES modules only`)
  },
)

test('the README of the repository does, too', () => {
  const { engines } = JSON.parse(read('package.json')) as Manifest
  expect(read('README.md')).toContain(
    `    npm install @verify-images/core    # Node ${engines.node}, ES modules only\n`,
  )
})
