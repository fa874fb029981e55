import { createSigningWorld } from '@verify-images/testing'
import { load } from 'js-yaml'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processIO, run } from 'verify-images'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'

interface Job {
  readonly spec: {
    readonly completions: number
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] } }
  }
}

const surroundings = processIO()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the Pods of the Job verify each image of the list once', { timeout: 60_000 }, async () => {
  const { spec } = load(await readFile(join(import.meta.dirname, 'job.yaml'), 'utf8')) as Job
  const [{ args }] = spec.template.spec.containers
  const world = await createSigningWorld()
  try {
    const release = world.key('release')
    const images = Array.from({ length: 2 * spec.completions + 3 }, (_, i) => {
      const image = world.image(`registry.test/app:${String(i)}`)
      return i % 7 === 0 ? image : image.signedBy(release)
    })
    await writeFile(join(folder, 'policy.yaml'), demoPolicy(release))
    await writeFile(join(folder, 'images.txt'), images.map(({ reference }) => `${reference}\n`).join(''))
    const verified: string[] = []
    for (let index = 0; index < spec.completions; index++) {
      const { exit, subjects } = await runPod(args, index, world.registry.endpoint)
      // 0 ends the index; 1 fails it without another attempt, as the Job's failure policy says.
      expect(exit).toBe(subjects.some((subject) => Number(subject.split(':')[1]) % 7 === 0) ? 1 : 0)
      verified.push(...subjects)
    }
    expect(verified.toSorted()).toEqual(images.map(({ reference }) => reference).toSorted())
  } finally {
    await world.close()
  }
})

interface PodResult {
  readonly exit: number
  readonly subjects: readonly string[]
}

/** Runs the arguments of the manifest as the kubelet passes them to one Pod, with the mounted files in the folder. */
async function runPod(args: readonly string[], index: number, endpoint: string): Promise<PodResult> {
  const argv = args.map((argument) =>
    argument
      .replace('$(JOB_COMPLETION_INDEX)', String(index))
      .replace('/images/images.txt', join(folder, 'images.txt'))
      .replace('/policies', folder),
  )
  let out = ''
  const io = { ...surroundings, home: folder, stdout: (data: string) => void (out += data), stderr: () => undefined }
  const exit = await run([...argv, `--registry-endpoint=registry.test=${endpoint}`], io)
  const { verdicts } = JSON.parse(out) as { readonly verdicts: readonly { readonly subject: string }[] }
  return { exit, subjects: verdicts.map(({ subject }) => subject) }
}
