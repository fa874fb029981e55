import { canonicalHost } from '@verify-images/image-matcher'
import { anObject, isObject, arrayOf } from '@verify-images/primitives'

import { credentialsInvalid, decodeAuthEntry, decodeBase64, parseConfigObject } from './auth-entry.ts'
import { checkValue } from './check-options.ts'
import { ANONYMOUS } from './credentials.ts'
import type { Credential, CredentialProvider } from './credentials.ts'
import { matchHostGlob } from './host-glob.ts'
import { MAX_CONFIG_LENGTH } from './limits.ts'
import { parseRepository } from './repository.ts'

/** A Kubernetes Secret, as far as it is read. */
export interface PullSecret {
  readonly type?: string
  /** Base64, as the Kubernetes API gives it. */
  readonly data?: Readonly<Record<string, string>>
  /** Plain, as people write it. Wins over `data`. */
  readonly stringData?: Readonly<Record<string, string>>
}

/** Secret type → the key its config is under, and where in the config the entries are. Other types are passed over. */
const FORMS: ReadonlyMap<
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
 * The credentials of image pull secrets, matched as the kubelet does: host labels are globs (`*.example.com` is one
 * label deep), the port must be equal (also in being absent), the path is a prefix, the longest key goes first.
 *
 * A secret that cannot be read fails every look-up, as upstream, rather than being silently without effect.
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
  return {
    credentialFor: (repository) =>
      new Promise<Credential>((done) => {
        const target = parseRepository(repository)
        const entries = kept.flatMap(readSecret).sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0))
        const found = entries.find(({ key }) => matchHostGlob(key, target))
        done(found === undefined ? ANONYMOUS : decodeAuthEntry(found.value))
      }),
  }
}

function readSecret(secret: PullSecret): readonly Entry[] {
  const form = FORMS.get(secret.type ?? '')
  if (form === undefined) return []
  const config = secretText(secret, form.key)
  if (config === undefined || config === '') return []
  const table = form.entries(parseConfigObject(config))
  if (table === undefined || table === null) return []
  if (!isObject(table)) throw credentialsInvalid('`auths` is not an object')
  return Object.entries(table).map(([name, value]) => ({ key: normaliseKey(name), value }))
}

function secretText({ data, stringData }: PullSecret, key: string): string | undefined {
  const plain = stringData !== undefined && Object.hasOwn(stringData, key) ? stringData[key] : undefined
  const encoded = data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined
  for (const text of [plain, encoded])
    if (text !== undefined && typeof text !== 'string') throw credentialsInvalid(`\`${key}\` is not text`)
  if ((plain ?? encoded ?? '').length > MAX_CONFIG_LENGTH) throw credentialsInvalid('the docker config is too long')
  if (plain !== undefined || encoded === undefined) return plain
  const decoded = decodeBase64(encoded)
  if (decoded === undefined) throw credentialsInvalid('the secret is not base64')
  return decoded.toString('utf8')
}

/** `https://host/v1/` → `host`, `https://host/v2/path` → `host/path`; the spellings of Docker Hub become one. */
function normaliseKey(name: string): string {
  const bare = name.replace(/^https?:\/\//, '')
  const slash = bare.indexOf('/')
  const authority = slash < 0 ? bare : bare.slice(0, slash)
  const path = slash < 0 ? '' : bare.slice(slash).replace(/^\/v[12]\//, '/')
  return (canonicalHost(authority) ?? authority) + (path === '/' ? '' : path)
}
