import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { buildAction } from '../scripts/build-action.ts'

// Each step is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let bundle: string
let folder: string
let world: SigningWorld

beforeAll(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'action-'))
  await buildAction(bundle)
})
afterAll(() => rm(bundle, { recursive: true }))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workspace-'))
  world = await createSigningWorld()
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
  await mkdir(join(folder, 'policies'))
  await writeFile(join(folder, 'policies/signed.yaml'), policy(world))
})
afterEach(async () => {
  await world.close()
  await rm(folder, { recursive: true })
})

const policy = ({ key }: SigningWorld, entry = ''): string => `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*', 'closed.test/*']
          ${entry}
          attestors: [{ entries: [{ keys: { publicKeys: ${JSON.stringify(key('release').publicKey)}, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }] }]
`

interface Step {
  readonly exit: number
  readonly log: string
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
}

/**
 * Runs the bundle as the runner does: inputs in the environment, files for what it says, the workspace as its folder.
 */
async function runStep(inputs: Readonly<Record<string, string>>, action = bundle): Promise<Step> {
  const [summary, output] = [join(folder, 'summary.md'), join(folder, 'output.txt')]
  await Promise.all([writeFile(summary, 'of a step before\n'), writeFile(output, '')])
  const given = { options: endpoints(), unmatched: 'refuse', 'fail-on': 'inconclusive', ...inputs }
  const variables = Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: folder,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: output,
    ...Object.fromEntries(variables),
  }
  const { exit, log } = await new Promise<Pick<Step, 'exit' | 'log'>>((resolve) => {
    const child = execFile(process.execPath, [join(action, 'index.js')], { cwd: folder, env }, (_, stdout, stderr) => {
      resolve({ exit: child.exitCode ?? -1, log: stdout + stderr })
    })
  })
  return { exit, log, summary: await readFile(summary, 'utf8'), outputs: outputsIn(await readFile(output, 'utf8')) }
}

const endpoints = (): string =>
  `--registry-endpoint=registry.test=${world.registry.endpoint}\n--registry-endpoint=closed.test=http://127.0.0.1:9`

function outputsIn(text: string): Step['outputs'] {
  return Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(.+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]),
  )
}

/** What the runner finds in a log: commands at the start of a line, unless they are stopped. */
function commandsIn(log: string): readonly string[] {
  let stopped: string | undefined
  return log.split('\n').filter((line) => {
    if (stopped !== undefined) {
      if (line.trim() === `::${stopped}::`) stopped = undefined
      return false
    }
    stopped = /^::stop-commands::(.*)$/.exec(line)?.[1]
    return stopped === undefined && (/^\s*::/.test(line) || line.includes('##['))
  })
}

test('passes for accepted images, with the pinned references as output', async () => {
  const { exit, log, summary, outputs } = await runStep({ policies: 'policies', images: 'registry.test/app:signed\n' })
  expect(log).toContain('registry.test/app:signed: admitted: every rule passed')
  expect(exit).toBe(0)
  expect(commandsIn(log)).toEqual([])
  expect(outputs).toEqual({
    outcome: 'accepted',
    admitted: '1',
    denied: '0',
    inconclusive: '0',
    references: expect.stringMatching(/^registry\.test\/app:signed@sha256:[0-9a-f]{64}$/) as unknown,
    'sarif-file': '',
  })
  expect(summary).toMatch(/^of a step before\n## 1 admitted, 0 denied, 0 not checked\n/)
})

test('fails for a rejected image: an annotation at the rule, the explanation as summary, SARIF and JUnit', async () => {
  await mkdir(join(folder, 'manifests'))
  const pod = `apiVersion: v1\nkind: Pod\nmetadata: { name: app }\nspec: { containers: [{ name: a, image: 'registry.test/app:unsigned' }] }\n`
  await writeFile(join(folder, 'manifests/pod.yaml'), pod)
  const { exit, log, summary, outputs } = await runStep({
    policies: 'policies/**/*.yaml',
    resources: 'manifests',
    images: '\n  registry.test/app:signed\n',
    'sarif-file': 'images.sarif',
    'junit-file': 'images.xml',
  })
  expect(exit).toBe(1)
  expect(commandsIn(log)).toEqual([
    expect.stringMatching(/^::error file=policies\/signed\.yaml,line=8,title=signed\/check%3A rejected::Pod /),
  ])
  expect(outputs).toMatchObject({ outcome: 'rejected', admitted: '1', denied: '1', 'sarif-file': 'images.sarif' })
  expect(summary).toContain('## 1 admitted, 1 denied, 0 not checked')
  expect(summary).toContain('registry.test/app:unsigned')
  expect(JSON.parse(await readFile(join(folder, 'images.sarif'), 'utf8'))).toMatchObject({
    runs: [{ results: [{ level: 'error' }] }],
  })
  expect(await readFile(join(folder, 'images.xml'), 'utf8')).toContain('failures="1"')
})

test('fails for what could not be checked, unless only rejections fail the step', async () => {
  const inputs = { policies: 'policies', images: 'closed.test/app:1' }
  const strict = await runStep(inputs)
  expect(strict.exit).toBe(2)
  expect(strict.outputs).toMatchObject({ outcome: 'inconclusive', inconclusive: '1' })
  const lenient = await runStep({ ...inputs, 'fail-on': 'rejected' })
  expect(lenient.exit).toBe(0)
  expect(lenient.outputs).toMatchObject({ outcome: 'inconclusive', inconclusive: '1' })
  expect(commandsIn(lenient.log)).toEqual([expect.stringMatching(/^::warning file=policies\/signed\.yaml,line=8/)])
  expect((await runStep({ ...inputs, images: 'registry.test/app:unsigned', 'fail-on': 'rejected' })).exit).toBe(1)
})

test('refuses images that no policy matches, unless they are to be admitted', async () => {
  const inputs = { policies: 'policies', images: 'other.test/app:1' }
  expect(await runStep(inputs)).toMatchObject({ exit: 1, outputs: { outcome: 'rejected', denied: '1' } })
  // As from an expression without a value.
  expect(await runStep({ ...inputs, unmatched: '' })).toMatchObject({ exit: 1 })
  expect(await runStep({ ...inputs, unmatched: 'admit' })).toMatchObject({ exit: 0, outputs: { admitted: '1' } })
})

test.each<readonly [string, Readonly<Record<string, string>>, RegExp]>([
  ['no policy', { policies: ' ', images: 'a' }, /policies: expected at least one file/],
  ['nothing to verify', { policies: 'policies' }, /expected resources, images or images-from/],
  [
    'an unknown fail-on',
    { policies: 'policies', images: 'a', 'fail-on': 'never' },
    /fail-on: expected rejected or inc/,
  ],
  ['half a credential', { policies: 'policies', images: 'a', password: 'x' }, /is a secret unset\?/],
  ['a policy as option', { policies: 'policies', images: 'a', options: 'other.yaml' }, /options: expected one option/],
  ['an unknown option', { policies: 'policies', images: 'a', options: '--depth=1' }, /unknown option `--depth=1`/],
  ['a missing policy', { policies: 'gone.yaml', images: 'a' }, /gone\.yaml: ENOENT: no such file/],
  ['an option as image', { policies: 'policies', images: '--unmatched=admit' }, /IMAGE_REFERENCE_INVALID/],
])('fails with one error for %s', async (_, inputs, message) => {
  const { exit, log, outputs } = await runStep(inputs)
  const errors = commandsIn(log).filter((line) => line.startsWith('::error '))
  expect(errors).toEqual([expect.stringMatching(message)])
  expect(exit).toBe(64)
  expect(outputs).toEqual({})
})

test('fails if a file cannot be written, and does not name it as output', async () => {
  const inputs = { policies: 'policies', images: 'registry.test/app:signed', 'sarif-file': 'gone/images.sarif' }
  const { exit, log, outputs } = await runStep(inputs)
  expect(exit).toBe(74)
  expect(commandsIn(log)).toEqual([expect.stringContaining('gone/images.sarif: ENOENT: cannot be written')])
  expect(outputs).toMatchObject({ outcome: 'accepted', 'sarif-file': '' })
})

test('finds no command in names that an attacker chooses', async () => {
  const name = String.raw`x\n::set-output name=a::b\n##[add-mask]c`
  const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"},"spec":{"containers":[{"name":"a","image":"registry.test/app:unsigned"}]}}`
  await writeFile(join(folder, 'pod.json'), pod)
  const { log, exit } = await runStep({ policies: 'policies', resources: 'pod.json' })
  expect(exit).toBe(1)
  expect(commandsIn(log)).toEqual([expect.stringMatching(/^::error file=policies\/signed\.yaml,line=8/)])
})

test('logs in to the registry with the credential, and masks it in the log', async () => {
  const closed = await createSigningWorld({ like: 'harbor' })
  try {
    const { username, password } = closed.registry.logIn ?? { username: '', password: '' }
    closed.image('registry.test/app:signed').signedBy(closed.key('release'))
    await writeFile(join(folder, 'policies/signed.yaml'), policy(closed))
    const inputs = {
      policies: 'policies',
      images: 'registry.test/app:signed',
      options: `--registry-endpoint=registry.test=${closed.registry.endpoint}`,
    }
    expect((await runStep(inputs)).exit).toBe(2)
    const { exit, log } = await runStep({ ...inputs, registry: 'registry.test', username, password })
    const basic = Buffer.from(`${username}:${password}`).toString('base64')
    expect(commandsIn(log)).toEqual([`::add-mask::${password}`, `::add-mask::${basic}`])
    expect(exit).toBe(0)
    expect(log.replace(/^::add-mask::.*$/gm, '')).not.toContain(password)
  } finally {
    await closed.close()
  }
})

test('reads large predicates in the worker beside the bundle', async () => {
  const filler = Array.from({ length: 20_000 }, (_, i) => ({ name: `package-${String(i)}`, version: '1.0.0' }))
  const type = 'https://spdx.dev/Document'
  world.image('registry.test/app:sbom').attestedBy(world.key('release'), { type, predicate: { packages: filler } })
  const attestors = policy(world).split('\n').at(-2)?.trim() ?? ''
  const attested = `attestations: [{ type: '${type}', ${attestors}, conditions: [{ all: [{ key: '{{ length(packages) }}', operator: Equals, value: 20000 }] }] }]`
  await writeFile(join(folder, 'policies/signed.yaml'), policy(world).replace(attestors, attested))
  const { exit, log } = await runStep({ policies: 'policies', images: 'registry.test/app:sbom' })
  expect(log).toContain('admitted: every rule passed')
  expect(exit).toBe(0)
  // Without the worker there is no verdict, so the predicate has been there.
  const without = join(folder, 'without-worker')
  await cp(bundle, without, { recursive: true })
  await rm(join(without, 'predicate-worker.js'))
  expect((await runStep({ policies: 'policies', images: 'registry.test/app:sbom' }, without)).exit).not.toBe(0)
})

test('the bundle has the licences of what is in it', async () => {
  expect(existsSync(join(bundle, 'predicate-worker.js'))).toBe(true)
  const licences = await readFile(join(bundle, 'licenses.txt'), 'utf8')
  for (const name of ['commander', 'js-yaml', 're2js', 'tinypool'])
    expect(licences).toMatch(new RegExp(`^${name}$`, 'm'))
})
