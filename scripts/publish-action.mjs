#!/usr/bin/env node
// Commits the GitHub Action, and nothing else, to a commit without a parent, and tags it with its version. Expects a
// build (`pnpm build`) to be there. `--push` pushes the tags to `origin`.

import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const FILES = ['packages/action/action.yml', 'packages/action/README.md', 'packages/action/dist', 'LICENSE']
/** The author of what the workflow commits. */
const AUTHOR = { NAME: 'github-actions[bot]', EMAIL: '41898282+github-actions[bot]@users.noreply.github.com' }

/**
 * Makes the commit and its tags in a repository; returns the names of the tags: the version, which must be new, and its
 * line, which moves. Before 1.0 a minor version may break, so it is a line of its own.
 *
 * @param {{ readonly repository: string, readonly version: string }} release
 */
export async function commitAction({ repository, version }) {
  const work = await mkdtemp(join(tmpdir(), 'action-release-'))
  const git = async (...argv) => (await run('git', argv, { cwd: repository, env: environment(work) })).stdout.trim()
  try {
    for (const file of FILES)
      await cp(join(root, file), join(work, 'tree', file.split('/').at(-1)), { recursive: true })
    await git('--work-tree', join(work, 'tree'), 'add', '--all', '--force', join(work, 'tree'))
    const [tree, source] = [await git('write-tree'), await git('rev-parse', 'HEAD')]
    const commit = await git('commit-tree', tree, '-m', `action: v${version}\n\nBuilt from ${source}.`)
    await git('tag', `v${version}`, commit)
    const line = lineOf(version)
    await git('tag', '--force', line, commit)
    return [`v${version}`, line]
  } finally {
    await rm(work, { recursive: true })
  }
}

/** The index of the repository is left alone, and so are hooks and signing keys of a user. */
function environment(work) {
  const names = ['AUTHOR', 'COMMITTER'].flatMap((role) =>
    Object.entries(AUTHOR).map(([name, value]) => [`GIT_${role}_${name}`, value]),
  )
  return { ...process.env, ...Object.fromEntries(names), GIT_INDEX_FILE: join(work, 'index') }
}

export function lineOf(version) {
  const [major, minor] = version.split('.')
  return major === '0' ? `v0.${minor}` : `v${major}`
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { push: { type: 'boolean', default: false } } })
  const { version } = JSON.parse(await readFile(join(root, 'packages/action/package.json'), 'utf8'))
  const tags = await commitAction({ repository: root, version })
  const [own, line] = tags.map((tag) => `refs/tags/${tag}`)
  if (values.push) await run('git', ['push', 'origin', own, `+${line}`], { cwd: root })
  console.log(tags.join('\n'))
}
