import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderPolicies } from './folder-policies.ts'
import { MAX_POLICY_FILE_BYTES, MAX_POLICY_FILES } from './limits.ts'
import type { PolicyDocuments } from './policy-feed.ts'

let folder: string
const closers: (() => void)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policies-'))
})
afterEach(async () => {
  for (const close of closers.splice(0)) close()
  await rm(folder, { recursive: true })
})

/** Resolves with what the feed reports first: documents, or the problem. */
function firstOf(options: object = {}): Promise<PolicyDocuments | string> {
  return new Promise((resolve) => {
    const changed = (documents: PolicyDocuments): void => resolve(documents)
    const problem = (message: string | undefined): void => {
      if (message !== undefined) resolve(message)
    }
    closers.push(folderPolicies({ folder, ...options }).start({ changed, problem }))
  })
}

async function sizedFile(name: string, bytes: number): Promise<void> {
  const file = await open(join(folder, name), 'w')
  await file.truncate(bytes)
  await file.close()
}

test('reads YAML and JSON files by name, and no others', async () => {
  for (const name of ['b.yml', 'a.yaml', 'c.json', 'notes.txt', '.hidden.yaml', 'd.yaml.bak'])
    await writeFile(join(folder, name), name)
  const policies = ['a.yaml', 'b.yml', 'c.json'].map((name) => ({ source: name, text: name }))
  expect(await firstOf()).toEqual({ policies, exceptions: [] })
})

test('refuses a file that is larger than allowed, and takes one of the largest size', async () => {
  await sizedFile('large.yaml', MAX_POLICY_FILE_BYTES)
  expect(await firstOf()).toMatchObject({ policies: [{ source: 'large.yaml' }] })
  await sizedFile('large.yaml', MAX_POLICY_FILE_BYTES + 1)
  expect(await firstOf()).toContain(`large.yaml: more than ${String(MAX_POLICY_FILE_BYTES)} bytes`)
})

test('refuses a folder with more files than allowed, and takes one with the most', async () => {
  for (let i = 0; i < MAX_POLICY_FILES; i++) await writeFile(join(folder, `${String(i)}.yaml`), '')
  expect(await firstOf()).toMatchObject({ exceptions: [] })
  await writeFile(join(folder, 'more.yaml'), '')
  expect(await firstOf()).toContain(`more than ${String(MAX_POLICY_FILES)} files`)
})

test('reports the folder of exceptions when that one cannot be read', async () => {
  expect(await firstOf({ exceptions: join(folder, 'missing') })).toContain(
    `cannot read the policies in ${join(folder, 'missing')}: ENOENT`,
  )
})
