// What hostile input costs a verifier and the review beside it.
//
//   pnpm bench:hostile [case …]
//
// Each case runs in a process of its own: the verifier in the main thread, the registry with the attack in a worker. It
// prints the longest block of the event loop, the peak of memory above idle, the time of an honest review alone and at
// worst beside the attack, and how the attacked review ended. Targets on two cores: block ≤ 50 ms, memory ≤ 200 MB plus
// three times the payload limit (128 MiB, for bundles 10 MB), neighbour ≤ alone + 100 ms.
//
// `CPU` is what the main thread used of a time: where that is much less, other processes had the cores, and the time
// says nothing.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const file = fileURLToPath(import.meta.url)
const DEADLINE_MS = 10_000
const CASE_TIMEOUT_MS = 180_000
const columns = [
  ['case', 30],
  ['block ms', 9],
  ['CPU', 5],
  ['memory MiB', 11],
  ['alone ms', 9],
  ['CPU', 5],
  ['beside ms', 10],
  ['CPU', 5],
  ['took ms', 8],
  ['deadline', 9],
  ['outcome', 0],
]
const printRow = (cells) =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(columns[0][1]) : cell.padStart(columns[i][1]))).join(' '))

if (!isMainThread) await serveCase(workerData.name)
else if (process.argv[2] === '--case') await measure(process.argv[3])
else await runAll(process.argv.slice(2))

async function runAll(wanted) {
  const { CASES } = await import('./hostile-cases.mjs')
  printRow(columns.map(([name]) => name))
  for (const name of Object.keys(CASES).filter((each) => wanted.length === 0 || wanted.some((w) => each.includes(w)))) {
    const flags = ['--expose-gc', '--conditions=@verify-images/source', '--no-warnings']
    const child = spawnSync(process.execPath, [...flags, file, '--case', name], {
      encoding: 'utf8',
      timeout: CASE_TIMEOUT_MS,
    })
    const line = child.stdout.split('\n').find((each) => each.startsWith('['))
    if (line) printRow(JSON.parse(line))
    else printRow([name, ...columns.slice(2).map(() => '-'), `died: ${child.signal ?? lastLine(child.stderr)}`])
  }
}

function lastLine(text) {
  return (
    text
      .trim()
      .split('\n')
      .findLast((line) => /error|fatal/i.test(line)) ?? text.trim().slice(-200)
  )
}

/** The thread of the registry: makes the attack, serves it, and samples the memory of the process. */
async function serveCase(name) {
  const { createSigningWorld } = await import('@verify-images/testing')
  const { CASES } = await import('./hostile-cases.mjs')
  let faults = () => undefined
  const world = await createSigningWorld({ faults: (request) => faults(request) })
  const key = world.key('release')
  for (let i = 0; i < 200; i++) world.image(`registry.test/neighbour-${i}:1`).signedBy(key)
  const review = CASES[name](world, (serve) => (faults = serve))
  const peak = new Float64Array(workerData.peak)
  setInterval(() => (peak[0] = Math.max(peak[0], process.memoryUsage.rss())), 5)
  parentPort.postMessage({ ...review, publicKey: key.publicKey, endpoint: world.registry.endpoint, now: world.now })
}

/** The time, and what the main thread has used of it. */
function timeNow() {
  const { user, system } = process.threadCpuUsage()
  return { ms: performance.now(), cpu: (user + system) / 1000 }
}

function since(started) {
  const now = timeNow()
  return { ms: now.ms - started.ms, cpu: now.cpu - started.cpu }
}

/** Finds the turn of the event loop that used the main thread the longest. */
function watchTurns() {
  let started = timeNow()
  let longest = 0
  const timer = setInterval(() => {
    longest = Math.max(longest, since(started).cpu)
    started = timeNow()
  }, 1)
  return { longest: () => longest, stop: () => clearInterval(timer) }
}

async function measure(name) {
  const { createImageVerifier, createRegistryClient, parsePolicies } = await import('@verify-images/core')
  const { policyOf } = await import('./hostile-cases.mjs')
  const peak = new Float64Array(new SharedArrayBuffer(8))
  const worker = new Worker(file, { workerData: { name, peak: peak.buffer } })
  const [{ policies, resource, reviews = 1, deadlineMs = DEADLINE_MS, secrets, publicKey, endpoint, now }] = await once(
    worker,
    'message',
  )
  const options = {
    registry: createRegistryClient({ hosts: { 'registry.test': { endpoint } }, limits: { retryDelayMs: 1 } }),
    clock: () => new Date(now),
    ...(secrets && { kubernetes: { read: () => Promise.resolve(undefined) } }),
  }
  const attacked = createImageVerifier({ ...options, policies: policies.flatMap((text) => parsePolicies(text)) })
  const keys = { publicKeys: publicKey, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }
  const honest = createImageVerifier({
    ...options,
    policies: parsePolicies(policyOf({ attestors: [{ entries: [{ keys }] }] })),
  })
  let neighbours = 0
  const neighbour = async () => {
    const started = timeNow()
    const { admitted, denial } = await honest.verifyImage(`registry.test/neighbour-${neighbours++ % 200}:1`)
    if (!admitted) throw new Error(`the honest neighbour was denied: ${denial}`)
    return since(started)
  }
  for (let i = 0; i < 30; i++) await neighbour()
  const alone = []
  for (let i = 0; i < 20; i++) alone.push(await neighbour())
  alone.sort((a, b) => a.ms - b.ms)

  globalThis.gc()
  await sleep(50)
  globalThis.gc()
  const idle = process.memoryUsage.rss()
  peak[0] = idle
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const turns = watchTurns()
  const started = performance.now()
  let running = true
  const reviewing = Promise.allSettled(
    Array.from({ length: reviews }, () => attacked.verifyResource(resource, { deadlineMs })),
  ).then((results) => {
    running = false
    return { results, took: performance.now() - started }
  })
  const beside = []
  do {
    beside.push(await neighbour())
    await sleep(10)
  } while (running)
  const { results, took } = await reviewing
  await sleep(20)
  delay.disable()
  turns.stop()
  const [first] = results
  const outcome = first.status === 'rejected' ? String(first.reason) : first.value.outcome
  const reasons = first.status === 'fulfilled' ? first.value.rules.flatMap(({ reasons = [] }) => reasons) : []
  console.log(
    JSON.stringify([
      name,
      (delay.max / 1e6).toFixed(0),
      turns.longest().toFixed(0),
      ((peak[0] - idle) / 2 ** 20).toFixed(0),
      alone[alone.length >> 1].ms.toFixed(0),
      alone[alone.length >> 1].cpu.toFixed(0),
      Math.max(...beside.map(({ ms }) => ms)).toFixed(0),
      Math.max(...beside.map(({ cpu }) => cpu)).toFixed(0),
      took.toFixed(0),
      took < deadlineMs - 50 ? '-' : took < deadlineMs + 250 ? 'fired' : 'late',
      `${outcome} ${[...new Set(reasons.map(({ code }) => code))].join(' ')}`.trim(),
    ]),
  )
  if (process.argv.includes('--reasons')) for (const { message } of reasons) console.error(message)
  process.exit(0)
}
