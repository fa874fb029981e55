import { createRegistryClient, type RegistryClientOptions } from '@verify-images/core'
import type { RegistryArguments } from './arguments.ts'
import { codeOf, UsageError } from './cli-error.ts'

type Hosts = NonNullable<RegistryClientOptions['hosts']>

/**
 * How registries are reached that the command line names. What may be said of one is for the client to judge, which does not know these options; so each is
 * tried by itself, and then beside those before it. A URL is not shown: there may be a password in it.
 *
 * @throws UsageError
 */
export function registryHosts({
  insecureRegistries,
  endpoints,
}: Pick<RegistryArguments, 'insecureRegistries' | 'endpoints'>): Hosts {
  const named = [
    ...[...new Set(insecureRegistries)].map((host) => ({
      option: '--insecure-registry',
      host,
      settings: { insecure: true },
    })),
    ...[...endpoints].map(([host, endpoint]) => ({ option: '--registry-endpoint', host, settings: { endpoint } })),
  ]
  let hosts: Hosts = {}
  for (const { option, host, settings } of named) {
    if (!isTaken({ [host]: {} })) throw new UsageError(`${option} names \`${host}\`, expected host[:port]`)
    if (!isTaken({ [host]: settings }))
      throw new UsageError(
        `${option} of \`${host}\` cannot be used, expected https://host[:port] or http://host[:port], without a password`,
      )
    if (Object.hasOwn(hosts, host) || !isTaken({ ...hosts, [host]: settings })) {
      throw new UsageError(
        `${option} names \`${host}\` once more: a registry has one --insecure-registry or --registry-endpoint, whose scheme says whether plain HTTP is allowed`,
      )
    }
    hosts = { ...hosts, [host]: settings }
  }
  return hosts
}

function isTaken(hosts: Hosts): boolean {
  try {
    createRegistryClient({ hosts })
    return true
  } catch (error) {
    if (codeOf(error) === 'REGISTRY_OPTIONS_INVALID') return false
    throw error
  }
}
