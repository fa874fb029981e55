import { canonicalHost } from '@verify-images/image-matcher'
import { anObject, isObject, arrayOf, printableText, yieldIfDue } from '@verify-images/primitives'

import { credentialsInvalid, decodeAuthEntry, decodeBase64, parseConfigObject } from './auth-entry.ts'
import { checkValue } from './check-options.ts'
import { ANONYMOUS } from './credentials.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { matchHostGlob } from './host-glob.ts'
import { MAX_CONFIG_LENGTH, MAX_PULL_SECRET_ENTRIES, MAX_PULL_SECRETS } from './limits.ts'
import { parseRepository } from './repository.ts'

/** The fields of a Kubernetes Secret that are read. */
export interface PullSecret {
  readonly type?: string
  /** Base64, as the Kubernetes API returns it. */
  readonly data?: Readonly<Record<string, string>>
  /** Plain text, as in a manifest. Takes precedence over `data`. */
  readonly stringData?: Readonly<Record<string, string>>
}

/** For each type of secret, the key of its config, and where in the config the entries are. Other types are ignored. */
const SECRET_TYPES: ReadonlyMap<
  string,
  { readonly key: string; readonly entries: (config: Record<string, unknown>) => unknown }
> = new Map([
  [
    'kubernetes.io/dockerconfigjson',
    { key: '.dockerconfigjson', entries: (config) => (Object.hasOwn(config, 'auths') ? config['auths'] : {}) },
  ],
  ['kubernetes.io/dockercfg', { key: '.dockercfg', entries: (config) => config }],
])

interface Entry {
  readonly key: string
  readonly value: unknown
}

/**
 * Returns a provider of the credentials in image pull secrets. Entries match as for the kubelet: host labels are globs
 * (`*.example.com` matches one label), the port must be equal or absent in both, the path is a prefix, and the longest
 * key wins.
 *
 * A secret that cannot be read fails every look-up, as in go-containerregistry, rather than being ignored silently.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 * @see Kubernetes, "Pull an image from a private registry": interpretation of config.json
 */
export function pullSecrets(secrets: readonly PullSecret[]): CredentialProvider {
  checkValue(secrets, arrayOf(anObject), 'secrets')
  const kept = secrets.map(({ data, stringData, ...secret }) => ({
    ...secret,
    data: { ...data },
    stringData: { ...stringData },
  }))
  let read: Promise<readonly Entry[]> | undefined
  return {
    async credentialFor(repository): Promise<Credential> {
      const target = parseRepository(repository)
      read ??= readSecrets(kept)
      const found = (await read).find(({ key }) => matchHostGlob(key, target))
      if (found === undefined) return ANONYMOUS
      return decodeAuthEntry(found.value, `auths['${printableText(found.key, 100)}']`)
    },
  }
}

/** Reads each secret once for any number of look-ups, and sorts the entries by descending key. */
async function readSecrets(secrets: readonly PullSecret[]): Promise<readonly Entry[]> {
  if (secrets.length > MAX_PULL_SECRETS)
    throw credentialsInvalid(`expected at most ${MAX_PULL_SECRETS} secrets, got ${secrets.length}`)
  const entries: Entry[] = []
  for (const secret of secrets) {
    await yieldIfDue()
    entries.push(...readSecret(secret))
    if (entries.length > MAX_PULL_SECRET_ENTRIES)
      throw credentialsInvalid(`expected at most ${MAX_PULL_SECRET_ENTRIES} entries in all secrets`)
  }
  return entries.sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0))
}

function readSecret(secret: PullSecret): readonly Entry[] {
  const type = SECRET_TYPES.get(secret.type ?? '')
  if (type === undefined) return []
  const config = secretText(secret, type.key)
  if (config === undefined || config === '') return []
  const table = type.entries(parseConfigObject(config))
  if (table === undefined || table === null) return []
  if (!isObject(table)) throw credentialsInvalid('expected `auths` to be an object')
  return Object.entries(table).map(([name, value]) => ({ key: normaliseKey(name), value }))
}

function secretText({ data, stringData }: PullSecret, key: string): string | undefined {
  const plain = stringData !== undefined && Object.hasOwn(stringData, key) ? stringData[key] : undefined
  const encoded = data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined
  for (const text of [plain, encoded])
    if (text !== undefined && typeof text !== 'string') throw credentialsInvalid(`expected \`${key}\` to be a string`)
  if ((plain ?? encoded ?? '').length > MAX_CONFIG_LENGTH)
    throw credentialsInvalid(`expected at most ${MAX_CONFIG_LENGTH} characters in the secret`)
  if (plain !== undefined || encoded === undefined) return plain
  const decoded = decodeBase64(encoded)
  if (decoded === undefined) throw credentialsInvalid(`expected \`${key}\` to be base64`)
  return decoded.toString('utf8')
}

/**
 * Returns `host` for `https://host/v1/` and `host/path` for `https://host/v2/path`; the names of Docker Hub become one.
 */
function normaliseKey(name: string): string {
  const bare = name.replace(/^https?:\/\//, '')
  const slash = bare.indexOf('/')
  const authority = slash < 0 ? bare : bare.slice(0, slash)
  const path = slash < 0 ? '' : bare.slice(slash).replace(/^\/v[12]\//, '/')
  return (canonicalHost(authority) ?? authority) + (path === '/' ? '' : path)
}
