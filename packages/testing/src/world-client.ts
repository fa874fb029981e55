import { createRegistryClient, type RegistryClient } from '@verify-images/registry-fetcher'

/**
 * A client that finds the hosts of a world at its registry, those of later images included: a verifier is often made before
 * the images it judges.
 */
export function createWorldClient(hosts: ReadonlySet<string>, endpoint: string): RegistryClient {
  let known = -1
  let client: RegistryClient | undefined
  return {
    openSession: (options) => {
      if (client === undefined || known !== hosts.size) {
        client?.close()
        known = hosts.size
        client = createRegistryClient({ hosts: Object.fromEntries([...hosts].map((host) => [host, { endpoint }])) })
      }
      return client.openSession(options)
    },
    close: () => client?.close(),
  }
}
