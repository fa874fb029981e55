import type { Json, JsonObject } from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import type * as testingPackage from '@verify-images/testing'
import type {
  Attestation,
  CertifiedKey,
  KeylessIdentity,
  SigningKey,
  SigningWorld,
  TestImage,
} from '@verify-images/testing'
import { checkMembers, invalid, listOf, stringOf } from '../decode.ts'
import type { Replacement } from './replace-keys.ts'

/** A signing world as a test file describes it. */
export interface BuiltWorld {
  readonly world: SigningWorld
  readonly replacements: readonly Replacement[]
}

type Testing = typeof testingPackage

/**
 * Creates the signing world that a test file describes: keys, identities, and images with their signatures. The caller
 * must close it.
 *
 * @throws InputError, RangeError of `@verify-images/testing`
 */
export async function buildWorld(described: JsonObject, file: string): Promise<BuiltWorld> {
  checkMembers(described, ['now', 'keys', 'authorities', 'identities', 'images', 'indexes'], file)
  // Loaded only here: it is for tests, and no other command needs it.
  const testing = await import('@verify-images/testing')
  const now = described['now'] === undefined ? undefined : new Date(stringOf(described, 'now', file))
  const world = await testing.createSigningWorld({ now })
  try {
    const signers = signersOf(described, world, testing, file)
    const images = new Map(
      entriesOf(described, 'images', file).map(([reference, signatures]) => {
        const image = world.image(reference)
        const where = `${file}: images.${reference}`
        for (const each of listOf(signatures, where)) sign(image, each, { signers, testing, where })
        return [reference, image] as const
      }),
    )
    for (const [reference, platforms] of entriesOf(described, 'indexes', file))
      world.index(reference, childrenOf(platforms, images, `${file}: indexes.${reference}`))
    return { world, replacements: signers.replacements }
  } catch (error) {
    await world.close()
    throw error instanceof RangeError ? invalid(file, error.message) : error
  }
}

interface Signers {
  readonly key: (name: string) => SigningKey
  /** Keys with a certificate of an authority; `key` returns them, too. */
  readonly certified: (name: string) => CertifiedKey
  readonly identity: (name: string) => KeylessIdentity
  readonly replacements: readonly Replacement[]
}

function signersOf(described: JsonObject, world: SigningWorld, testing: Testing, file: string): Signers {
  const keys = new Map<string, SigningKey>()
  const certified = new Map<string, CertifiedKey>()
  const replacements: Replacement[] = []
  const add = (where: string, value: JsonObject, to: string): void => {
    if (value['replaces'] !== undefined) replacements.push({ from: stringOf(value, 'replaces', where), to })
  }
  for (const [name, value] of entriesOf(described, 'keys', file)) {
    const where = `${file}: keys.${name}`
    const key = world.key(name)
    keys.set(name, key)
    add(where, membersOf(value, ['replaces'], where), key.publicKey)
  }
  for (const [name, value] of entriesOf(described, 'authorities', file)) {
    const where = `${file}: authorities.${name}`
    const members = membersOf(value, ['replaces', 'certificates'], where)
    const authority = world.certificateAuthority(name)
    add(where, members, authority.root)
    for (const [leaf, given] of entriesOf(members, 'certificates', where)) {
      const key = authority.issue(leaf)
      keys.set(leaf, key)
      certified.set(leaf, key)
      add(`${where}.certificates.${leaf}`, membersOf(given, ['replaces'], where), key.certificate)
    }
  }
  const identities = new Map(
    entriesOf(described, 'identities', file).map(([name, value]) => [
      name,
      identityOf(value, testing, `${file}: identities.${name}`),
    ]),
  )
  return {
    key: lookUp(keys, 'key', file),
    certified: lookUp(certified, 'certificate', file),
    identity: lookUp(identities, 'identity', file),
    replacements,
  }
}

function lookUp<T>(known: ReadonlyMap<string, T>, what: string, file: string): (name: string) => T {
  return (name) => {
    const found = known.get(name)
    if (found === undefined)
      throw invalid(file, `unknown ${what} \`${name}\`: expected one of ${[...known.keys()].join(', ') || 'none'}`)
    return found
  }
}

function identityOf(value: Json, { githubWorkflow }: Testing, where: string): KeylessIdentity {
  const members = membersOf(value, ['github', 'subject', 'issuer'], where)
  const { github } = members
  if (github === undefined)
    return { subject: stringOf(members, 'subject', where), issuer: stringOf(members, 'issuer', where) }
  const run = membersOf(github, ['repository', 'workflow', 'ref', 'sha', 'trigger'], `${where}.github`)
  const optional = (member: string): string | undefined =>
    run[member] === undefined ? undefined : stringOf(run, member, where)
  return githubWorkflow({
    repository: stringOf(run, 'repository', where),
    workflow: optional('workflow'),
    ref: optional('ref'),
    sha: optional('sha'),
    trigger: optional('trigger'),
  })
}

interface SignContext {
  readonly signers: Signers
  readonly testing: Testing
  readonly where: string
}

const METHODS = [
  'signedBy',
  'signedKeylessly',
  'attestedBy',
  'attestedKeylessly',
  'bundledBy',
  'bundledKeylessly',
  'notarizedBy',
] as const
type Method = (typeof METHODS)[number]

/** Adds a signature or attestation, such as `{ signedBy: release, annotations: { env: prod } }`. */
function sign(image: TestImage, given: JsonObject, context: SignContext): void {
  const { where, signers, testing } = context
  const method = METHODS.find((each) => given[each] !== undefined)
  if (method === undefined) throw invalid(where, `expected one of ${METHODS.join(', ')}`)
  const { [method]: _, attestation, ...options } = given
  const signer = stringOf(given, method, where)
  const content = attestation === undefined ? undefined : attestationOf(attestation, testing, `${where}.attestation`)
  apply(image, method, { signer, content, options: withTimes(options), signers, where })
}

interface Signature {
  readonly signer: string
  readonly content: Attestation | undefined
  readonly options: object
  readonly signers: Signers
  readonly where: string
}

function apply(image: TestImage, method: Method, { signer, content, options, signers, where }: Signature): TestImage {
  const attested = (): Attestation => {
    if (content === undefined) throw invalid(where, `${method} needs \`attestation\``)
    return content
  }
  switch (method) {
    case 'signedBy':
      return image.signedBy(signers.key(signer), undefined, options)
    case 'signedKeylessly':
      return image.signedKeylessly(signers.identity(signer), options)
    case 'attestedBy':
      return image.attestedBy(signers.key(signer), attested(), options)
    case 'attestedKeylessly':
      return image.attestedKeylessly(signers.identity(signer), attested(), options)
    case 'bundledBy':
      return image.bundledBy(signers.key(signer), { ...options, content })
    case 'bundledKeylessly':
      return image.bundledKeylessly(signers.identity(signer), { ...options, content })
    case 'notarizedBy':
      return image.notarizedBy(signers.certified(signer), options)
  }
}

/** Returns the times among the options; everything else is checked by `@verify-images/testing`. */
function withTimes(options: JsonObject): object {
  const times = Object.entries(options).filter(([name]) => name === 'at' || name === 'expiresAt')
  return { ...options, ...Object.fromEntries(times.map(([name, value]) => [name, new Date(String(value))])) }
}

function attestationOf(value: Json, { vulnerabilities, provenance, cycloneDx }: Testing, where: string): Attestation {
  const given = membersOf(value, ['type', 'predicate', 'vulnerabilities', 'provenance', 'cycloneDx'], where)
  if (isJsonObject(given['vulnerabilities'])) return vulnerabilities(given['vulnerabilities'])
  if (isJsonObject(given['provenance']))
    return provenance({ repository: stringOf(given['provenance'], 'repository', where), ...given['provenance'] })
  if (given['cycloneDx'] !== undefined)
    return cycloneDx(
      listOf(given['cycloneDx'], where).map((each) => ({
        name: stringOf(each, 'name', where),
        version: stringOf(each, 'version', where),
        ...(each['license'] === undefined ? {} : { license: stringOf(each, 'license', where) }),
      })),
    )
  return { type: stringOf(given, 'type', where), predicate: given['predicate'] ?? {} }
}

function childrenOf(
  platforms: Json,
  images: ReadonlyMap<string, TestImage>,
  where: string,
): Readonly<Record<string, TestImage>> {
  if (!isJsonObject(platforms)) throw invalid(where, 'expected an object of images by platform')
  return Object.fromEntries(
    Object.entries(platforms).map(([platform, reference]) => {
      const image = images.get(String(reference))
      if (image === undefined) throw invalid(where, `${platform}: unknown image \`${String(reference)}\``)
      return [platform, image]
    }),
  )
}

function entriesOf(object: JsonObject, member: string, where: string): readonly (readonly [string, Json])[] {
  const value = object[member] ?? {}
  if (!isJsonObject(value)) throw invalid(`${where}: ${member}`, 'expected an object')
  return Object.entries(value)
}

/** Returns the fields of an object; none for null, as of `release:` without a value. */
function membersOf(value: Json, known: readonly string[], where: string): JsonObject {
  const members = value ?? {}
  if (!isJsonObject(members)) throw invalid(where, 'expected an object')
  checkMembers(members, known, where)
  return members
}
