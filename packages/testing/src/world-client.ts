import { createRegistryClient, type RegistryClient } from '@verify-images/registry-fetcher'

/**
 * Creates a registry client that sends requests for these hosts to one endpoint. Hosts that are added later are
 * included, because a verifier is often created before its images.
 */
export function createWorldClient(hosts: ReadonlySet<string>, endpoint: string): RegistryClient {
  let hostCount = -1
  let client: RegistryClient | undefined
  return {
    openSession: (options) => {
      if (client === undefined || hostCount !== hosts.size) {
        client?.close()
        hostCount = hosts.size
        client = createRegistryClient({ hosts: Object.fromEntries([...hosts].map((host) => [host, { endpoint }])) })
      }
      return client.openSession(options)
    },
    close: () => client?.close(),
  }
}
