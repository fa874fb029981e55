import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { folderPolicies } from './folder-policies.ts'
import type { FeedListener, PolicyDocument, PolicyFeed } from './policy-feed.ts'
import { createPolicyWorld, type PolicyWorld } from './testing/signed-policy.ts'
import { watchPolicies, type WatchedPolicies } from './watch-policies.ts'

let policies: PolicyWorld
let folder: string
const open: WatchedPolicies[] = []
beforeAll(async () => {
  policies = await createPolicyWorld()
})
afterAll(() => policies.world.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policies-'))
})
afterEach(async () => {
  for (const each of open.splice(0)) each.close()
  await rm(folder, { recursive: true })
})

/** A rule that has nothing to say of a Pod. */
const FOR_JOBS = { match: { any: [{ resources: { kinds: ['Job'] } }] } }

const put = (name: string, content: object | string): Promise<void> =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))

function watch(from: PolicyFeed = folderPolicies({ folder, reloadMs: 10 }), logged: unknown[] = []): WatchedPolicies {
  const log =
    (level: string) =>
    (fields: object, message: string): void =>
      void logged.push({ level, message, ...fields })
  const watched = watchPolicies({
    from,
    verifier: { registry: policies.world.registryClient() },
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
  })
  open.push(watched)
  return watched
}

const admits = async ({ current }: WatchedPolicies, image: string): Promise<boolean | undefined> =>
  (await current()?.verifyImage(image))?.admitted

test('the policies of a folder are in use, and a change of them without a restart', async () => {
  await put('signed.yaml', policies.policy('signed'))
  const watched = watch()
  expect(watched.current()).toBeUndefined()
  expect(watched.readiness()).toEqual({ ready: false })
  await watched.ready(AbortSignal.timeout(5_000))
  expect(await admits(watched, policies.signed)).toBe(true)
  expect(await admits(watched, policies.unsigned)).toBe(false)
  expect(watched.counts()).toEqual({ policies: 1, broken: 0, accepted: 1, refused: 0 })

  await put('signed.yaml', policies.policy('signed', FOR_JOBS))
  await expect.poll(() => admits(watched, policies.unsigned), { timeout: 5_000 }).toBe(true)
})

test('a broken policy keeps the last good set as a whole, says so, and is no longer mentioned once it is mended', async () => {
  await put('signed.yaml', policies.policy('signed'))
  const logged: unknown[] = []
  const watched = watch(undefined, logged)
  await watched.ready(AbortSignal.timeout(5_000))
  const good = watched.current()

  await put('broken.yaml', { ...policies.policy('broken'), spec: { rules: [{ name: 'check' }] } })
  await put('signed.yaml', policies.policy('signed', FOR_JOBS))
  await expect.poll(() => watched.counts().broken, { timeout: 5_000 }).toBe(1)
  expect(watched.current()).toBe(good)
  expect(watched.readiness()).toEqual({
    ready: true,
    message: expect.stringMatching(/^the last good policies are in use, because a policy is broken: broken\.yaml:1:/),
  })
  expect(logged).toContainEqual({
    level: 'error',
    message: 'policy refused',
    source: 'broken.yaml',
    error: expect.stringContaining('broken.yaml:1:'),
  })

  await rm(join(folder, 'broken.yaml'))
  await expect.poll(() => watched.readiness(), { timeout: 5_000 }).toEqual({ ready: true })
  expect(await admits(watched, policies.unsigned)).toBe(true)
})

test('without a good set there is no verifier, so nothing is admitted', async () => {
  await put('broken.yaml', 'kind: Nothing\n')
  const watched = watch()
  await expect.poll(() => watched.counts().refused, { timeout: 5_000 }).toBe(1)
  expect(watched.current()).toBeUndefined()
  expect(watched.readiness()).toMatchObject({
    ready: false,
    message: expect.stringMatching(/^no policy is in use, because a policy is broken: broken\.yaml:1:1/),
  })
})

test('a folder that has lost its policies keeps the last good set, because no policy would admit everything', async () => {
  await put('signed.yaml', policies.policy('signed'))
  const watched = watch()
  await watched.ready(AbortSignal.timeout(5_000))
  await rm(join(folder, 'signed.yaml'))
  await expect
    .poll(() => watched.readiness(), { timeout: 5_000 })
    .toEqual({ ready: true, message: 'the last good policies are in use, because there is no policy' })
  expect(await admits(watched, policies.unsigned)).toBe(false)
  expect(watched.counts()).toEqual({ policies: 1, broken: 0, accepted: 1, refused: 1 })
  // The control: a policy that allows it.
  await put('signed.yaml', policies.policy('signed', FOR_JOBS))
  await expect.poll(() => admits(watched, policies.unsigned), { timeout: 5_000 }).toBe(true)
  expect(watched.readiness()).toEqual({ ready: true })
})

test('a folder without a policy makes no verifier', async () => {
  const watched = watch()
  await expect.poll(() => watched.counts().refused, { timeout: 5_000 }).toBe(1)
  expect(watched.current()).toBeUndefined()
  expect(watched.readiness()).toEqual({ ready: false, message: 'no policy is in use, because there is no policy' })
})

test('a folder that cannot be read keeps the last good set', async () => {
  await put('signed.yaml', policies.policy('signed'))
  const watched = watch()
  await watched.ready(AbortSignal.timeout(5_000))
  await rename(folder, `${folder}.gone`)
  await expect
    .poll(() => watched.readiness(), { timeout: 5_000 })
    .toEqual({ ready: true, message: expect.stringContaining(`cannot read the policies in ${folder}: ENOENT`) })
  expect(watched.current()).toBeDefined()
  await rename(`${folder}.gone`, folder)
  await expect.poll(() => watched.readiness(), { timeout: 5_000 }).toEqual({ ready: true })
})

test('files are read as a mounted ConfigMap has them: below its current version only', async () => {
  const version = async (name: string, policy: object): Promise<void> => {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'signed.yaml'), JSON.stringify(policy))
    await symlink(name, join(folder, '..data.next'))
    await rename(join(folder, '..data.next'), join(folder, '..data'))
  }
  await version('..first', policies.policy('first'))
  await put('not-of-the-map.yaml', 'kind: Nothing\n')
  await put('.hidden.yaml', 'kind: Nothing\n')
  const watched = watch()
  await watched.ready(AbortSignal.timeout(5_000))
  expect(await admits(watched, policies.unsigned)).toBe(false)
  await version('..second', policies.policy('second', FOR_JOBS))
  await expect.poll(() => admits(watched, policies.unsigned), { timeout: 5_000 }).toBe(true)
})

test('exceptions come from a folder of their own', async () => {
  const exceptions = join(folder, 'exceptions')
  await mkdir(exceptions)
  await put('signed.yaml', policies.policy('signed'))
  const watched = watch(folderPolicies({ folder, exceptions, reloadMs: 10 }))
  await watched.ready(AbortSignal.timeout(5_000))
  expect(await admits(watched, policies.unsigned)).toBe(false)
  const exception = {
    apiVersion: 'kyverno.io/v2',
    kind: 'PolicyException',
    metadata: { name: 'tool', namespace: 'kyverno' },
    spec: {
      match: { any: [{ resources: { kinds: ['Pod'] } }] },
      exceptions: [{ policyName: 'signed', ruleNames: ['*'] }],
    },
  }
  await writeFile(join(exceptions, 'tool.yaml'), JSON.stringify(exception))
  await expect.poll(() => admits(watched, policies.unsigned), { timeout: 5_000 }).toBe(true)
})

test('changes that come at once are compiled once, and none that is no change', async () => {
  let listener: FeedListener | undefined
  const watched = watch({
    start: (given) => {
      listener = given
      return () => undefined
    },
  })
  const documents = (...names: readonly string[]): { policies: readonly PolicyDocument[]; exceptions: [] } => ({
    policies: names.map((source) => ({ source, text: JSON.stringify(policies.policy(source)) })),
    exceptions: [],
  })
  listener?.changed(documents('a'))
  expect(watched.counts().accepted).toBe(1)
  for (let i = 0; i < 20; i++) listener?.changed(documents('a', `b${String(i)}`))
  await expect.poll(() => watched.counts(), { timeout: 5_000 }).toMatchObject({ policies: 2, accepted: 2 })
  const before = watched.current()
  listener?.changed(documents('a', 'b19'))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(watched.current()).toBe(before)
})

test('invalid options of the verifier are known at once', () => {
  const from: PolicyFeed = { start: () => () => undefined }
  expect(() => watchPolicies({ from, verifier: { unmatched: 'x' as never } })).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID' }),
  )
  for (const options of [{}, { from: {} }, { from, logger: {} }, { from, polices: 1 }])
    expect(() => watchPolicies(options as never)).toThrow(
      expect.objectContaining({ code: 'KUBERNETES_OPTIONS_INVALID' }),
    )
  expect(() => folderPolicies({ folder: 'x', reloadMs: 0 })).toThrow(
    expect.objectContaining({ code: 'KUBERNETES_OPTIONS_INVALID' }),
  )
})
