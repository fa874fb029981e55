import { createRegistryClient, dockerConfig, type CredentialProvider, type RegistryClient } from '@verify-images/core'
import { join } from 'node:path'
import type { RegistryArguments } from './arguments.ts'
import { codeOf, InputError } from './cli-error.ts'
import { printableLine } from './printable.ts'
import { readInput } from './read-input.ts'
import { registryHosts } from './registry-hosts.ts'
import type { Surroundings } from './surroundings.ts'

type CredentialHelperRunner = NonNullable<NonNullable<Parameters<typeof dockerConfig>[1]>['runHelper']>

/** What the system says of a path that leads nowhere. */
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

export async function loadRegistry(given: RegistryArguments, io: Surroundings): Promise<RegistryClient> {
  return createRegistryClient({
    hosts: registryHosts(given),
    credentials: await loadCredentials(given.dockerConfig, io),
  })
}

/**
 * A named config must be there. The usual one may be missing, as Docker has it, and no more than that: who has one does not mean to be anonymous, nor does
 * who says where it is.
 */
function loadCredentials(named: string | undefined, io: Surroundings): Promise<CredentialProvider> {
  const folder = io.environment['DOCKER_CONFIG'] || undefined
  const readFile = (file: string): Promise<string> =>
    io.readFile(file).catch(async (error: unknown) => {
      const code = codeOf(error)
      if (named !== undefined || !MISSING.has(code)) throw error
      if (folder !== undefined && !(await isFolder(folder, io)))
        throw new InputError(`DOCKER_CONFIG: ${code}: \`${folder}\` is not a folder`)
      return '{}'
    })
  return readInput(
    named ?? join(folder ?? join(io.home, '.docker'), 'config.json'),
    { ...io, readFile },
    (text, name) => dockerConfig(text, { runHelper: passOver(name, io) }),
  )
}

/** A folder cannot be read as a file, and the system says otherwise of it than of what is not there. */
function isFolder(folder: string, io: Surroundings): Promise<boolean> {
  return io.readFile(folder).then(
    () => false,
    (error: unknown) => !MISSING.has(codeOf(error)),
  )
}

/** Runs no helper, and says so: once for each registry, where the helper would have been asked. */
function passOver(config: string, { talk }: Surroundings): CredentialHelperRunner {
  const said = new Set<string>()
  return (helper, server) => {
    if (!said.has(server))
      talk(
        printableLine(
          `warning: ${config}: credential helper \`${helper}\` is not run, so what it keeps for ${server} is not used`,
        ),
      )
    said.add(server)
    return Promise.resolve(undefined)
  }
}
