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
        hosts: Object.fromEntries(
          Object.entries(endpoints)
            // Such names resolve nowhere (RFC 6761); they are left to fail so.
            .filter(([host]) => !host.endsWith('.invalid'))
            .map(([host, endpoint]) => [host, { endpoint }]),
        ),
        fetch: loopbackOnly,
      }),
      trust: trustOf(root),
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

/** A root that cannot be read is trust that cannot be had: a verdict, not an exception. */
function trustOf(root) {
  try {
    return trustedRoot(root)
  } catch (error) {
    return { load: () => Promise.reject(error) }
  }
}

/** Nothing leaves loopback: any other host fails as an unknown name would. */
function loopbackOnly(url, init) {
  const { hostname } = new URL(url)
  return hostname === '127.0.0.1'
    ? fetch(url, init)
    : Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND', hostname }))
}
