// Ten images of a registry that answers each request after 100 ms: at most 0.6 s in all, without the start of Node.
import { createSigningWorld } from '@verify-images/testing'
import { run } from '../src/run.ts'

const world = await createSigningWorld({ faults: () => ({ delayMs: 100 }) })
const key = world.key('release')
const images = Array.from({ length: 10 }, (_, i) => `registry.test/app-${i}:1`)
for (const image of images) world.image(image).signedBy(key)
const files = new Map([
  ['key.pub', key.publicKey],
  ['images.txt', images.join('\n')],
])
const io = {
  readFile: (path) =>
    files.has(path)
      ? Promise.resolve(files.get(path))
      : Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' })),
  expand: (path) => Promise.resolve([path]),
  stdout: () => undefined,
  stderr: (line) => console.error(line),
  colors: false,
  interrupted: new AbortController().signal,
  environment: {},
  home: '/nowhere',
  now: () => world.now,
}
const argv = [
  ...['verify', '--images-from', 'images.txt', '--key', 'key.pub', '--insecure-ignore-tlog'],
  ...['--registry-endpoint', `registry.test=${world.registry.endpoint}`],
]
const LIMIT_MS = 600

const times = []
for (let i = 0; i < 5; i++) {
  const start = performance.now()
  const code = await run(argv, io)
  times.push(performance.now() - start)
  if (code !== 0) throw new Error(`exit code ${code}`)
}
await world.close()
const [, ...warm] = times
const best = Math.min(...warm)
console.log(`ten images, 100 ms a request: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms; limit ${LIMIT_MS} ms`)
if (best > LIMIT_MS) process.exitCode = 1
