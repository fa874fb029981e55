import { createRegistryClient, fixed, type HostOptions, type RegistryClient } from '@verify-images/registry-fetcher'
import type { LoopbackRegistry } from './loopback-registry.ts'

/**
 * Creates a registry client that sends requests for these hosts to one registry, with its log-in. Hosts that are added
 * later are included, because a verifier is often created before its images.
 */
export function createWorldClient(
  hosts: ReadonlySet<string>,
  { endpoint, logIn }: Pick<LoopbackRegistry, 'endpoint' | 'logIn'>,
): RegistryClient {
  const optionsOf = (host: string): HostOptions => ({
    endpoint,
    ...(logIn !== undefined && { credentials: fixed(host, { kind: 'basic', ...logIn }) }),
  })
  let hostCount = -1
  let client: RegistryClient | undefined
  return {
    openSession: (options) => {
      if (client === undefined || hostCount !== hosts.size) {
        client?.close()
        hostCount = hosts.size
        client = createRegistryClient({ hosts: Object.fromEntries([...hosts].map((host) => [host, optionsOf(host)])) })
      }
      return client.openSession(options)
    },
    close: () => client?.close(),
  }
}
