import { createRegistryClient, dockerConfig, type CredentialProvider, type RegistryClient } from '@verify-images/core'
import { join } from 'node:path'
import type { RegistryArguments } from './arguments.ts'
import { codeOf } from './cli-error.ts'
import { printableLine } from './printable.ts'
import { readInput } from './read-input.ts'
import type { Surroundings } from './surroundings.ts'

type CredentialHelperRunner = NonNullable<NonNullable<Parameters<typeof dockerConfig>[1]>['runHelper']>

export async function loadRegistry(given: RegistryArguments, io: Surroundings): Promise<RegistryClient> {
  const hosts = new Map<string, { endpoint?: string; insecure?: boolean }>()
  for (const host of given.insecureRegistries) hosts.set(host, { insecure: true })
  for (const [host, endpoint] of given.endpoints) hosts.set(host, { ...hosts.get(host), endpoint })
  return createRegistryClient({ hosts: Object.fromEntries(hosts), credentials: await loadCredentials(given.dockerConfig, io) })
}

/** A named config must be there. The usual one may be missing, and no more than that: who has one does not mean to be anonymous. */
function loadCredentials(named: string | undefined, io: Surroundings): Promise<CredentialProvider> {
  const path = named ?? join(io.environment['DOCKER_CONFIG'] || join(io.home, '.docker'), 'config.json')
  const readFile = (file: string): Promise<string> => io.readFile(file).catch((error: unknown) => {
    if (named === undefined && ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return '{}'
    throw error
  })
  return readInput(path, { ...io, readFile }, (text, name) => dockerConfig(text, { runHelper: passOver(name, io) }))
}

/** Runs no helper, and says so: once for each registry, where the helper would have been asked. */
function passOver(config: string, { talk }: Surroundings): CredentialHelperRunner {
  const said = new Set<string>()
  return (helper, server) => {
    if (!said.has(server)) talk(printableLine(`warning: ${config}: credential helper \`${helper}\` is not run, so what it keeps for ${server} is not used`))
    said.add(server)
    return Promise.resolve(undefined)
  }
}
