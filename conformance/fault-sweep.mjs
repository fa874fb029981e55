#!/usr/bin/env node
// Injects one fault at each request of each recorded case, and requires that no fault makes a verdict better than it
// is.
//
//   pnpm fault-sweep                          all cases that send requests
//   pnpm fault-sweep --only cases/attestations  the cases whose id starts so
//
// A fault lasts: retries meet it too. With a fault, an accepted image may stay accepted, by evidence it had before, or
// become inconclusive; it never becomes rejected, because the fault hid a signature. No other image becomes accepted or
// admitted.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createImageVerifier,
  createRegistryClient,
  fixedObjects,
  parseExceptions,
  parsePolicies,
  trustedRoot,
} from '@verify-images/core'
import { startCorpusRegistry } from './corpus/serve.mjs'

const corpus = join(import.meta.dirname, 'corpus')
const onlyAt = process.argv.indexOf('--only')
const only = onlyAt < 0 ? '' : process.argv[onlyAt + 1]

/** What a registry or a network does to one request. An honest answer is `{ status, headers, body }`. */
const faults = {
  503: () => response(503, {}, '{"errors":[{"code":"UNAVAILABLE"}]}'),
  404: () => response(404, {}, '{"errors":[{"code":"BLOB_UNKNOWN"}]}'),
  reset: () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })),
  'wrong size': ({ status, headers, body }) => response(status, headers, body.subarray(0, body.length >> 1)),
  'wrong digest': ({ status, headers, body }) => response(status, headers, flip(body)),
  timeout: (_, signal) =>
    new Promise((_resolve, reject) => {
      if (signal?.aborted) reject(signal.reason)
      signal?.addEventListener('abort', () => reject(signal.reason))
    }),
}
/**
 * A request that is never answered ends with the evaluation; what is not done by then is inconclusive, which is
 * allowed.
 */
const DEADLINE_MS = 100

const registry = await startCorpusRegistry({ roots: [join(corpus, 'registry')] })
const root = JSON.parse(await readFile(join(corpus, 'registry/trust/sigstore-1/trusted_root.json'), 'utf8'))
const without = { accepted: 0, inconclusive: 0, rejected: 0 }
const count = { scenarios: 0, requests: 0, runs: 0, accepted: 0, inconclusive: 0, rejected: 0 }
const broken = []
const answers = new Map()
const known = new Set()

try {
  for (const recorded of JSON.parse(await readFile(join(corpus, 'cases/index.json'), 'utf8'))) {
    const id = `cases/${recorded.area}/${recorded.name}`
    if (id.startsWith(only) && !recorded.expected?.refused) await sweep(id, recorded)
  }
} finally {
  await registry.close()
}

console.log(
  `${count.scenarios} scenarios × their ${count.requests} requests × ${Object.keys(faults).length} faults: ${count.runs} runs`,
)
console.log(`without: ${JSON.stringify(without)}`)
console.log(
  `with a fault: ${count.accepted} accepted as without, ${count.inconclusive} inconclusive, ${count.rejected} rejected as without`,
)
for (const line of broken) console.log(line)
console.log(`${broken.length} verdicts that a fault must not cause`)
process.exitCode = broken.length === 0 && count.runs > 0 ? 0 : 1

async function sweep(id, recorded) {
  const asked = new Set()
  const honest = await evaluate(recorded, (url) => void asked.add(url))
  if (honest === undefined || asked.size === 0) return
  // Cases that differ in what no fault can reach, such as messages, are swept once.
  const same = JSON.stringify([
    recorded.policies,
    recorded.resource,
    recorded.request,
    recorded.kubernetes,
    recorded.trust,
  ])
  if (known.has(same)) return
  known.add(same)
  count.scenarios++
  without[honest.outcome]++
  count.requests += asked.size
  const runs = [...asked].flatMap((url) =>
    Object.entries(faults)
      .filter(([name]) => name !== '404' || hidesContent(url, honest))
      .map(async ([name, fault]) => {
        const faulty = await evaluate(recorded, (at) => (at === url ? fault : undefined), name === 'timeout')
        count.runs++
        count[faulty.outcome]++
        const problem = problemOf(honest, faulty)
        if (problem !== undefined) broken.push(`${id}: ${name} at ${url}: ${problem}`)
      }),
  )
  await Promise.all(runs)
  if (process.argv.includes('--progress')) console.log(`${id}: ${runs.length} runs, ${broken.length} wrong`)
}

/** A tag that is not there is an answer; content that something else names by digest is missing. */
function hidesContent(url, { text }) {
  const digest = /\/(?:blobs|manifests)\/(sha256:[0-9a-f]{64})$/.exec(url)?.[1]
  return digest !== undefined && (url.includes('/blobs/') || !text.includes(digest))
}

function problemOf(honest, faulty) {
  if (faulty.outcome === 'accepted') {
    if (honest.outcome !== 'accepted') return `${honest.outcome} becomes accepted`
    if (honest.evidence.length > 0 && faulty.evidence.length === 0) return 'accepted without evidence'
    if (!faulty.evidence.every((one) => honest.evidence.includes(one))) return 'accepted by other evidence'
  }
  if (faulty.admitted && !honest.admitted) return 'denied becomes admitted'
  if (honest.outcome === 'accepted' && faulty.outcome === 'rejected')
    return `accepted becomes rejected: ${faulty.reasons}`
  if (honest.outcome === 'inconclusive' && faulty.outcome === 'rejected')
    return `inconclusive becomes rejected: ${faulty.reasons}`
  return undefined
}

async function evaluate(
  { policies, resource, exceptions = [], kubernetes = {}, request = {}, trust },
  faultAt,
  hangs = false,
) {
  const roots = trust ? JSON.parse(await readFile(join(corpus, 'registry', trust), 'utf8')) : root
  let verifier
  try {
    verifier = createImageVerifier({
      policies: policies.flatMap((text) => parsePolicies(text, { source: 'policy.yaml' })),
      exceptions: exceptions.flatMap((text) => parseExceptions(text)),
      registry: createRegistryClient({
        hosts: Object.fromEntries(Object.keys(registry.endpoints).map((host) => [host, {}])),
        fetch: (url, init) => fetchWith(url, init, faultAt),
        limits: { tries: 1 },
      }),
      trust: trustedRoot(roots),
      kubernetes: fixedObjects([
        ...(kubernetes.secrets ?? []).map((secret) => ({ kind: 'Secret', ...secret })),
        ...(kubernetes.configMaps ?? []),
      ]),
    })
  } catch {
    return undefined
  }
  const options = {
    ...request,
    namespaceLabels: request.namespaceLabels ?? {},
    ...(hangs && { deadlineMs: DEADLINE_MS }),
  }
  const verdict = await verifier.verifyResource(structuredClone(resource), options)
  const evidence = verdict.rules
    .flatMap((rule) => rule.evidence ?? [])
    .map((one) => JSON.stringify([one.artifact, one.signedDigest]))
  return {
    outcome: verdict.outcome,
    admitted: verdict.admitted,
    evidence,
    text: JSON.stringify(verdict),
    reasons: verdict.rules
      .flatMap((rule) => rule.reasons ?? [])
      .map(({ code, message }) => `${code} ${message}`)
      .join('; '),
  }
}

async function fetchWith(url, init, faultAt) {
  const { host, hostname, pathname, search } = new URL(url)
  const endpoint = hostname.endsWith('.invalid') ? undefined : registry.endpoints[host]
  if (endpoint === undefined) throw Object.assign(new Error('no such host'), { code: 'ENOTFOUND', hostname })
  const fault = faultAt(String(url))
  const answer = await answerOf(
    `${init?.method ?? 'GET'} ${host}${pathname}${search}`,
    endpoint + pathname + search,
    init,
  )
  return fault === undefined ? response(answer.status, answer.headers, answer.body) : fault(answer, init?.signal)
}

/** Asks the registry once for each request: what it answers never changes. */
async function answerOf(key, url, { signal: _, ...init } = {}) {
  const kept = answers.get(key)
  if (kept !== undefined) return kept
  const found = await fetch(url, init)
  const answer = {
    status: found.status,
    headers: Object.fromEntries(found.headers),
    body: Buffer.from(await found.arrayBuffer()),
  }
  answers.set(key, answer)
  return answer
}

function response(status, headers, body) {
  return new Response(status === 204 || status === 304 ? null : body, { status, headers })
}

function flip(body) {
  const changed = Buffer.from(body)
  // A space for a space keeps JSON well-formed, so that only its digest is wrong.
  const at = changed.lastIndexOf('}')
  if (at >= 0) return Buffer.concat([changed.subarray(0, at), Buffer.from(' '), changed.subarray(at)])
  if (changed.length > 0) changed[changed.length - 1] ^= 1
  return changed
}
