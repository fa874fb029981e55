// One recorded case through our public API: policies in, verdict out.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createArtifactCache,
  createImageVerifier,
  createRegistryClient,
  fixedObjects,
  openSnapshot,
  parseExceptions,
  parsePolicies,
  PolicyError,
  trustedRoot,
} from '@verify-images/core'

export async function evaluate({
  policies,
  resource,
  exceptions = [],
  kubernetes = {},
  request = {},
  endpoints,
  trustedRoot: root,
}) {
  let options
  let verifier
  try {
    options = {
      policies: policies.flatMap((text) => parsePolicies(text, { source: 'policy.yaml' })),
      exceptions: exceptions.flatMap((text) => parseExceptions(text)),
      registry: createRegistryClient({
        hosts: Object.fromEntries(Object.keys(endpoints).map((host) => [host, {}])),
        fetch: fetchFrom(endpoints),
      }),
      trust: trustOf(root),
      ...workerBytes(),
      kubernetes: fixedObjects([
        ...(kubernetes.secrets ?? []).map((secret) => ({ kind: 'Secret', ...secret })),
        ...(kubernetes.configMaps ?? []),
      ]),
      ...cache(),
    }
    verifier = createImageVerifier(options)
  } catch (error) {
    if (error instanceof PolicyError) return { refused: error.message }
    throw error
  }
  const stated = { ...request, namespaceLabels: request.namespaceLabels ?? {} }
  if (process.env['READ_FROM'] === 'warm-cache') await verifier.verifyResource(resource, stated)
  if (process.env['READ_FROM'] === 'snapshot') verifier = await fromSnapshot(verifier, options, resource, stated)
  const verdict = await verifier.verifyResource(resource, stated)
  return { ...verdict, report: verdict.report().results }
}

/** `WORKER_BYTES=0` parses every verified payload in the worker: the verdicts must be the same. */
function workerBytes() {
  const bytes = process.env['WORKER_BYTES']
  return bytes === undefined ? {} : { workerBytes: Number(bytes) }
}

/**
 * `READ_FROM=warm-cache` evaluates each case a second time, with everything kept that the first time read;
 * `READ_FROM=poisoned-cache` shares blobs over a server that answers with other bytes; `READ_FROM=snapshot` evaluates
 * from a snapshot of the first time. The verdicts must be the same.
 */
function cache() {
  const ages = { maxTagAgeMs: Infinity, maxListingAgeMs: Infinity }
  if (process.env['READ_FROM'] === 'warm-cache') return { cache: createArtifactCache(ages) }
  if (process.env['READ_FROM'] !== 'poisoned-cache') return {}
  const poison = { get: (key) => Promise.resolve(Buffer.from(key)), set: () => Promise.reject(new Error('full')) }
  return { cache: createArtifactCache({ ...ages, shared: poison }) }
}

async function fromSnapshot(verifier, options, resource, request) {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  await verifier.snapshot([resource], folder, { request })
  const { registry, credentialProviders } = await openSnapshot(folder)
  return createImageVerifier({ ...options, registry, credentialProviders })
}

/** A root that cannot be read is trust that cannot be had: a verdict, not an exception. */
function trustOf(root) {
  try {
    return trustedRoot(root)
  } catch (error) {
    return { load: () => Promise.reject(error) }
  }
}

/**
 * Returns a `fetch` that answers for the hosts of the corpus, as a proxy would: the URLs are those of the images, as in
 * Kyverno's recordings. Any other host, and the names that resolve nowhere (RFC 6761), fail as an unknown name does.
 */
function fetchFrom(endpoints) {
  return (url, init) => {
    const { host, hostname, pathname, search } = new URL(url)
    const endpoint = hostname.endsWith('.invalid') ? undefined : endpoints[host]
    return endpoint === undefined
      ? Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND', hostname }))
      : fetch(endpoint + pathname + search, init)
  }
}
