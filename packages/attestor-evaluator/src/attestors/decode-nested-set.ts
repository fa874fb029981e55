import type { AttestorSet } from '@verify-images/policy-parser'
import { CheckError, isJsonObject, type Json } from '@verify-images/primitives'

type Shape = 'text' | 'flag' | 'number' | 'anything' | 'texts' | { readonly list: Shape } | ReadonlyMap<string, Shape>

const fields = (shapes: Readonly<Record<string, Shape>>): Shape => new Map(Object.entries(shapes))

const rekor = fields({ url: 'text', pubkey: 'text', ignoreTlog: 'flag' })
const ctlog = fields({ ignoreSCT: 'flag', pubkey: 'text', tsaCertChain: 'text' })

const attestorSet = fields({
  count: 'number',
  entries: {
    list: fields({
      keys: fields({
        publicKeys: 'text',
        signatureAlgorithm: 'text',
        kms: 'text',
        rekor,
        ctlog,
        secret: fields({ name: 'text', namespace: 'text' }),
      }),
      certificates: fields({ cert: 'text', certChain: 'text', rekor, ctlog }),
      keyless: fields({
        issuer: 'text',
        issuerRegExp: 'text',
        subject: 'text',
        subjectRegExp: 'text',
        roots: 'text',
        additionalExtensions: 'texts',
        rekor,
        ctlog,
      }),
      attestor: 'anything',
      annotations: 'texts',
      repository: 'text',
      signatureAlgorithm: 'text',
    }),
  },
})

/**
 * Returns the set inside of an `attestor`, which the API keeps untyped: no schema has checked it, and no defaults are
 * in it. Names that differ from those of the API in the case of letters alone are refused.
 *
 * @param path where the entry stands, as Kyverno writes it
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function decodeNestedSet(value: Json, path: string): AttestorSet {
  const wrong = findMisfit(value, attestorSet, '')
  // The type of every field has just been checked.
  if (wrong === undefined && isJsonObject(value)) return withoutNulls(value, attestorSet) as unknown as AttestorSet
  throw new CheckError(
    'ATTESTOR_POLICY_INVALID',
    `the nested attestor is malformed at \`${(wrong ?? '').slice(0, 80) || 'its root'}\``,
    {
      detail: { kind: 'attestor-malformed-nested-set', path },
    },
  )
}

/** Returns the path of the first value that is not of its shape. A null counts as left out, as in Go. */
function findMisfit(value: Json, shape: Shape, path: string): string | undefined {
  if (value === null || shape === 'anything') return undefined
  if (shape instanceof Map) {
    if (!isJsonObject(value)) return path
    return firstDefined(
      Object.entries(value).map(([name, member]) => {
        const known = shape.get(name)
        if (known !== undefined) return findMisfit(member, known, `${path}.${name}`)
        return isOtherCase(name, shape) ? `${path}.${name}` : undefined
      }),
    )
  }
  if (shape === 'texts')
    return isJsonObject(value) && Object.values(value).every((text) => typeof text === 'string') ? undefined : path
  if (typeof shape === 'object' && 'list' in shape) {
    if (!Array.isArray(value)) return path
    return firstDefined(value.map((item: Json, i) => findMisfit(item, shape.list, `${path}[${i}]`)))
  }
  const type = ({ text: 'string', flag: 'boolean', number: 'number' } as const)[shape as 'text' | 'flag' | 'number']
  return typeof value === type ? undefined : path
}

/** Leaves out what is null. A null in a list is an empty object, as in Go. */
function withoutNulls(value: Json, shape: Shape | undefined): Json {
  if (shape instanceof Map && isJsonObject(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== null)
    return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member, shape.get(name))] as const))
  }
  if (typeof shape === 'object' && 'list' in shape && Array.isArray(value))
    return value.map((item: Json) => withoutNulls(item ?? {}, shape.list))
  return value
}

/**
 * Go reads a name in any case of letters, and of two such members the later: who writes one may mean more than we read.
 */
function isOtherCase(name: string, shape: ReadonlyMap<string, Shape>): boolean {
  return [...shape.keys()].some((known) => folded(known) === folded(name))
}

function folded(name: string): string {
  return name.toUpperCase().toLowerCase()
}

function firstDefined(paths: readonly (string | undefined)[]): string | undefined {
  return paths.find((path) => path !== undefined)
}
