import { canonicalHost } from '@verify-images/image-matcher'
import {
  aBoolean,
  aFunction,
  aString,
  isObject,
  type OptionTable,
  printableText,
  trimEnd,
} from '@verify-images/primitives'

import { credentialsInvalid, decodeAuthEntry, parseConfigObject } from './auth-entry.ts'
import { checkOptions } from './check-options.ts'
import { executeHelper } from './credential-helper.ts'
import { ANONYMOUS } from './credentials.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { MAX_CONFIG_LENGTH } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import { parseRepository } from './repository.ts'
import type { Repository } from './repository.ts'

/**
 * Runs `docker-credential-<helper> get` for a server, and returns undefined if the helper has no credential. `helper`
 * has been checked to be a file name, not a path.
 */
export type CredentialHelperRunner = (
  helper: string,
  server: string,
  signal: AbortSignal,
) => Promise<{ readonly username: string; readonly secret: string } | undefined>

export interface DockerConfigOptions {
  /** Executes the programs that `credHelpers` and `credsStore` name, from `PATH`. Default: they are ignored. */
  readonly helpers?: boolean
  /** Runs helpers instead. */
  readonly runHelper?: CredentialHelperRunner
  /** Names the file in the errors of look-ups. */
  readonly source?: string
}

const DOCKER_CONFIG_OPTIONS: OptionTable<DockerConfigOptions> = {
  helpers: aBoolean,
  runHelper: aFunction,
  source: aString,
}

interface Entry {
  /** As it is written. */
  readonly key: string
  readonly host: string
  /** Empty, or a path; the entry applies to it and to the paths below it. */
  readonly path: string
  readonly value: unknown
}

/**
 * Returns a provider of the credentials in a config file of Docker or Podman (`auths`, `credHelpers`, `credsStore`).
 *
 * Credential helpers are programs, so they are executed only with `helpers: true`.
 *
 * An entry applies to exactly its `host[:port]`: not to a longer name, another port or a subdomain. The names of Docker
 * Hub are one host; `https://host/v1/` is `host`. `host/path` applies to that path and the paths below it; the longest
 * one wins.
 *
 * @param source the text of the file, or its parsed content
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`, or `REGISTRY_CREDENTIALS_INVALID` for an unreadable file; an
 *   invalid
 * entry is an error of the look-ups that need it
 */
export function dockerConfig(source: string | object, options: DockerConfigOptions = {}): CredentialProvider {
  checkOptions(options, DOCKER_CONFIG_OPTIONS)
  const { helpers: isAsked = false, runHelper = isAsked ? executeHelper : undefined } = options
  return namedSource(options.source, readConfig(source, runHelper))
}

function readConfig(source: string | object, runHelper: CredentialHelperRunner | undefined): CredentialProvider {
  const config = parseConfig(source)
  const auths = entriesOf(config, 'auths')
  const helpers = entriesOf(config, 'credHelpers')
  const store = Object.hasOwn(config, 'credsStore') ? config['credsStore'] : undefined
  return {
    async credentialFor(repository, signal): Promise<Credential> {
      const target = parseRepository(repository)
      if (runHelper) {
        const helper = bestEntry(helpers, target)?.value ?? store
        const credential =
          helper === undefined || helper === ''
            ? ANONYMOUS
            : await runCredentialHelper(runHelper, helper, target.host, signal)
        if (credential.kind !== 'anonymous') return credential
      }
      const entry = bestEntry(auths, target)
      return entry === undefined ? ANONYMOUS : decodeAuthEntry(entry.value, `auths['${entry.key}']`)
    },
  }
}

/** Prefixes the errors of look-ups: they occur long after the file was read. */
function namedSource(name: string | undefined, provider: CredentialProvider): CredentialProvider {
  if (name === undefined) return provider
  return {
    credentialFor: (repository, signal) =>
      provider.credentialFor(repository, signal).catch((error: unknown) => {
        if (!(error instanceof RegistryError) || error.code !== 'REGISTRY_CREDENTIALS_INVALID') throw error
        const { code, message, detail, cause } = error
        throw new RegistryError(code, `${printableText(name, 200)}: ${message}`, { detail, cause })
      }),
  }
}

function parseConfig(source: string | object): Record<string, unknown> {
  if (typeof source !== 'string' && !isObject(source))
    throw credentialsInvalid('expected the Docker config to be a string or an object')
  const text = typeof source === 'string' ? source : JSON.stringify(source)
  if (text.length > MAX_CONFIG_LENGTH)
    throw credentialsInvalid(`expected at most ${MAX_CONFIG_LENGTH} characters in the Docker config`)
  return parseConfigObject(text)
}

function entriesOf(config: Record<string, unknown>, name: string): readonly Entry[] {
  const table = Object.hasOwn(config, name) ? config[name] : undefined
  if (table === undefined || table === null) return []
  if (!isObject(table)) throw credentialsInvalid(`expected \`${name}\` to be an object`)
  return Object.entries(table).flatMap(([key, value]) => {
    const bare = key.replace(/^https?:\/\//, '')
    const slash = bare.indexOf('/')
    const host = canonicalHost(slash < 0 ? bare : bare.slice(0, slash))
    const path = slash < 0 ? '' : trimEnd(bare.slice(slash + 1).replace(/^v[12](?:\/|$)/, ''), '/')
    return host === undefined ? [] : [{ key: printableText(key, 100), host, path, value }]
  })
}

function bestEntry(entries: readonly Entry[], target: Repository): Entry | undefined {
  return entries
    .filter(
      ({ host, path }) =>
        host === target.host && (path === '' || path === target.path || target.path.startsWith(`${path}/`)),
    )
    .sort((a, b) => b.path.length - a.path.length)[0]
}

async function runCredentialHelper(
  run: CredentialHelperRunner,
  helper: unknown,
  host: string,
  signal: AbortSignal,
): Promise<Credential> {
  if (typeof helper !== 'string' || !/^[A-Za-z0-9][\w-]*(?:\.[\w-]+)*$/.test(helper))
    throw credentialsInvalid('expected a credential helper to be a file name without a path')
  const answer = await run(helper, host === 'index.docker.io' ? 'https://index.docker.io/v1/' : host, signal)
  if (answer === undefined) return ANONYMOUS
  return answer.username === '<token>'
    ? { kind: 'identity-token', token: answer.secret }
    : { kind: 'basic', username: answer.username, password: answer.secret }
}
