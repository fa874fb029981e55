import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildAction } from '../scripts/build-action.ts'

const root = join(import.meta.dirname, '..')
let repository: string

const git = async (...argv: readonly string[]): Promise<string> =>
  (await promisify(execFile)('git', argv, { cwd: repository })).stdout.trim()

/** Runs the function of the script that makes the commit; the script itself is plain JavaScript. */
async function commitAction(version: string): Promise<string> {
  const program = `import { commitAction } from ${JSON.stringify(join(root, 'scripts/publish-action.mjs'))}
    console.log((await commitAction(${JSON.stringify({ repository, version })})).join(' '))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  return stdout.trim()
}

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'release-'))
  await git('init', '--quiet')
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@b.test']
  await git(...author, 'commit', '--quiet', '--allow-empty', '--message', 'source')
})
afterEach(() => rm(repository, { recursive: true }))

test('the tag of a version has the action and nothing else, and names what it was built from', async () => {
  await buildAction(join(root, 'packages/action/dist'))
  expect(await commitAction('0.3.1')).toBe('v0.3.1 v0.3')
  const files = (await git('ls-tree', '-r', '--name-only', 'v0.3.1')).split('\n')
  expect(files).toEqual([
    ...['LICENSE', 'README.md', 'action.yml', 'dist/entry/worker.js', 'dist/index.js', 'dist/licenses.txt'],
    ...['dist/package.json', 'dist/predicate-worker.js'],
  ])
  expect(await git('log', '--format=%B', 'v0.3.1')).toBe(
    `action: v0.3.1\n\nBuilt from ${await git('rev-parse', 'HEAD')}.`,
  )
  expect(await git('rev-parse', 'v0.3')).toBe(await git('rev-parse', 'v0.3.1'))
  expect(await git('status', '--porcelain')).toBe('')
  expect(await readdir(repository)).toEqual(['.git'])
  // The line moves with the next version; a version that exists is not replaced.
  expect(await commitAction('0.3.2')).toBe('v0.3.2 v0.3')
  expect(await git('rev-parse', 'v0.3')).toBe(await git('rev-parse', 'v0.3.2'))
  await expect(commitAction('0.3.1')).rejects.toThrow(/already exists/)
  expect(await commitAction('1.2.0')).toBe('v1.2.0 v1')
}, 60_000)
