import { load } from 'js-yaml'
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { clusterPolicy, entryOf, keyAttestor } from '@verify-images/testing/internal'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')

/** The parts of a Tekton Task that this test runs. */
interface Task {
  readonly spec: { readonly steps: readonly { readonly script: string }[] }
}

let world: SigningWorld
let folder: string

beforeAll(async () => {
  world = await createSigningWorld()
  folder = await mkdtemp(join(tmpdir(), 'verify-images-tekton-'))
  // `npm install` of the task is the one thing that is replaced: the command is that of this repository.
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/npm'), '#!/bin/sh\n')
  await writeFile(
    join(folder, 'bin/verify-images'),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=@verify-images/source --no-warnings "${join(root, 'packages/cli/src/main.ts')}" "$@"\n`,
  )
  for (const name of ['npm', 'verify-images']) await chmod(join(folder, 'bin', name), 0o755)
})

afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runs the step of the Tekton Task as Tekton would, with its parameters in the environment. */
async function runTask(image: string, policy: string): Promise<{ code: number; output: string; reference: string }> {
  const task = load(await readFile(join(root, 'integrations/tekton/verify-images-task.yaml'), 'utf8')) as Task
  const script = task.spec.steps[0]?.script ?? ''
  await writeFile(join(folder, 'policy.yaml'), policy)
  await writeFile(join(folder, 'script.sh'), script.replaceAll('/tmp/', `${folder}/`))
  await writeFile(join(folder, 'reference'), '')
  const options = ['--registry-endpoint', `registry.test=${world.registry.endpoint}`]
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    IMAGE: image,
    POLICIES: 'policy.yaml',
    VERSION: '0.1.0',
    DOCKER_CONFIG_BOUND: 'false',
    DOCKER_CONFIG_PATH: '',
    RESULT: join(folder, 'reference'),
    npm_config_prefix: folder,
  }
  const done = await run('sh', [join(folder, 'script.sh'), ...options], { cwd: folder, env }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  )
  return { ...done, reference: await readFile(join(folder, 'reference'), 'utf8') }
}

test(
  'the Tekton Task gives the pinned reference of a signed image, and fails for an unsigned one',
  { timeout: 60_000 },
  async () => {
    const key = world.key('release')
    const signed = world.image('registry.test/shop/app:1').signedBy(key)
    const unsigned = world.image('registry.test/shop/tool:1')
    const policy = JSON.stringify(clusterPolicy([entryOf(keyAttestor(key))]))

    const accepted = await runTask(signed.reference, policy)
    expect(accepted).toMatchObject({ code: 0, reference: expect.stringMatching(/app:1@sha256:[0-9a-f]{64}$/) })
    const rejected = await runTask(unsigned.reference, policy)
    expect(rejected).toMatchObject({ code: 1, reference: '' })
    expect(rejected.output).toContain('registry.test/shop/tool:1')
  },
)

test('the GitLab template names commands and options that exist', { timeout: 60_000 }, async () => {
  const template = load(
    await readFile(join(root, 'integrations/gitlab/verify-images.gitlab-ci.yml'), 'utf8'),
  ) as Record<string, { readonly script?: readonly string[] }>
  const commands = (template['verify-images']?.script ?? []).filter((line) => line.startsWith('verify-images '))
  expect(commands).toHaveLength(2)
  const { stdout } = await run(process.execPath, [
    ...['--conditions=@verify-images/source', '--no-warnings', join(root, 'packages/cli/src/main.ts')],
    ...['apply', '--help'],
  ])
  for (const [option] of commands.join(' ').matchAll(/--[a-z-]+/g)) expect(stdout).toContain(option)
})
