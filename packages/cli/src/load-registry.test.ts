import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadRegistry } from './load-registry.ts'
import { readText } from './read-text.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-images-'))
  await mkdir(join(folder, 'empty'))
  await writeFile(join(folder, 'file'), '{}')
})
afterAll(() => rm(folder, { recursive: true }))

/** With the files of the system, whose codes tell a folder from what is none. */
const load = (environment: Readonly<Record<string, string>>, home: string, dockerConfig?: string): Promise<object> =>
  loadRegistry(
    { insecureRegistries: [], endpoints: new Map(), dockerConfig, deadlineMs: 1000, output: 'text' },
    {
      readFile: (path) => readText(createReadStream(path)),
      write: () => undefined,
      talk: () => undefined,
      environment,
      home,
      now: () => new Date(),
    },
  )

test.each([
  ['a home without a config', {}, 'empty'],
  ['no home', {}, 'nowhere'],
  ['a home that is a file', {}, 'file'],
  ['a folder of DOCKER_CONFIG without a config', { DOCKER_CONFIG: 'empty' }, 'nowhere'],
])('%s is anonymous, as to Docker', async (_, environment, home) => {
  await expect(load(inFolder(environment), join(folder, home))).resolves.toBeTypeOf('object')
})

test.each([
  ['missing', 'ENOENT'],
  ['file', 'ENOTDIR'],
  ['file/below', 'ENOTDIR'],
])('a DOCKER_CONFIG that is %s is an error', async (name, code) => {
  await expect(load({ DOCKER_CONFIG: join(folder, name) }, folder)).rejects.toThrow(
    `DOCKER_CONFIG: ${code}: \`${join(folder, name)}\` is not a folder`,
  )
})

test('a config that is named must be there, and DOCKER_CONFIG says nothing then', async () => {
  await expect(load({}, folder, join(folder, 'missing'))).rejects.toThrow(
    `${join(folder, 'missing')}: ENOENT: cannot be read`,
  )
  await expect(load({ DOCKER_CONFIG: join(folder, 'missing') }, folder, join(folder, 'file'))).resolves.toBeTypeOf(
    'object',
  )
})

function inFolder(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(environment).map(([name, path]) => [name, join(folder, path)]))
}
