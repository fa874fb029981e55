import {
  foldKey,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  parseStrictJson,
} from '@verify-images/primitives'

/**
 * The fields of an image config. Container runtimes decode them without regard to case, expressions of policies with
 * it.
 *
 * @see OCI image specification, Image Configuration
 */
const FIELDS: readonly string[] = [
  ...['created', 'author', 'architecture', 'variant', 'os', 'os.version', 'os.features', 'config', 'rootfs', 'history'],
  ...[
    'User',
    'ExposedPorts',
    'Env',
    'Entrypoint',
    'Cmd',
    'Volumes',
    'WorkingDir',
    'Labels',
    'StopSignal',
    'ArgsEscaped',
  ],
  ...['Healthcheck', 'Shell', 'OnBuild', 'type', 'diff_ids', 'created_by', 'comment', 'empty_layer'],
]
const spellings: ReadonlyMap<string, string> = new Map(FIELDS.map((field) => [foldKey(field), field]))

/** Fields whose keys are names that the publisher chooses. */
const NAMED: ReadonlySet<string> = new Set(['ExposedPorts', 'Volumes', 'Labels'])

/**
 * Parses the config of an image, and refuses one that a policy and a container runtime would read differently: a
 * repeated key, or a field in other letters. A policy that looks at `config.User` would not see the `user` that the
 * runtime uses.
 *
 * @throws SyntaxError
 */
export function parseImageConfig(bytes: Uint8Array): JsonObject {
  const config = parseStrictJson(bytes)
  if (!isJsonObject(config)) throw new SyntaxError('expected an object')
  requireSpelling(config)
  return config
}

function requireSpelling(value: Json): void {
  if (isJsonArray(value)) return value.forEach(requireSpelling)
  if (!isJsonObject(value)) return
  for (const [key, member] of Object.entries(value)) {
    const field = spellings.get(foldKey(key))
    if (field !== undefined && field !== key)
      throw new SyntaxError(`field of the image config: expected \`${field}\`, got \`${key}\``)
    if (!NAMED.has(key)) requireSpelling(member)
  }
}
