// One recorded case through our public API: policies in, verdict out.
import {
  createImageVerifier,
  createRegistryClient,
  fixedObjects,
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
  let verifier
  try {
    verifier = createImageVerifier({
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
    })
  } catch (error) {
    if (error instanceof PolicyError) return { refused: error.message }
    throw error
  }
  const verdict = await verifier.verifyResource(resource, {
    ...request,
    namespaceLabels: request.namespaceLabels ?? {},
  })
  return { ...verdict, report: verdict.report().results }
}

/** `WORKER_BYTES=0` parses every verified payload in the worker: the verdicts must be the same. */
function workerBytes() {
  const bytes = process.env['WORKER_BYTES']
  return bytes === undefined ? {} : { workerBytes: Number(bytes) }
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
