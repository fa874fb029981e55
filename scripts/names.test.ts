import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const packages = join(import.meta.dirname, '../packages')

/** Names that two packages define on purpose. Every other public name means one thing in the repository. */
const TWO_OWNERS: Readonly<Record<string, string>> = {
  parsePolicies: 'core also compiles the expressions, which policy-parser leaves to its caller',
  parseExceptions: 'as parsePolicies',
  ImageExtractor: 'the field of a policy, which image-matcher takes without knowing policies',
  ResponderFetch: 'the port that notary declares and registry-fetcher implements; neither imports the other',
  ResponderRequest: 'as ResponderFetch',
  Readiness: 'the port that webhook declares and kubernetes implements; neither imports the other',
  PolicyCounts: 'as Readiness',
  Attestation: 'what a policy asks for; in testing, what is signed',
  Descriptor: 'in testing, with every member that a test may write',
  TimestampAuthority: 'in x509, one that is trusted; in testing, one that signs',
  HashName: 'the hashes that x509 knows; in testing, those that a key signs',
}

interface Export {
  readonly name: string
  readonly owner: string
}

const EXPORTS = /^export (?:type )?\{([^}]*)\} from '([^']+)'/gm

/** Returns the names that a module hands on from elsewhere, with where they come from. */
function handedOn(file: string): ReadonlyMap<string, string> {
  const lists = [...readFileSync(join(packages, file), 'utf8').matchAll(EXPORTS)]
  return new Map(lists.flatMap(([, names = '', from = '']) => namesIn(names).map((name) => [name, from] as const)))
}

function namesIn(list: string): string[] {
  const names = list.split(',').map(
    (each) =>
      each
        .replace(/\btype /, '')
        .split(' as ')
        .at(-1)
        ?.trim() ?? '',
  )
  return names.filter((name) => name !== '')
}

/** Returns the public names that a package defines. What it hands on from another package belongs to that one. */
function definedIn(folder: string): Export[] {
  return [...handedOn(`${folder}/src/index.ts`)].flatMap(([name, from]) => {
    const owner = ownerOf(name, `${folder}/src/index.ts`, from)
    return owner === undefined ? [] : [{ name, owner }]
  })
}

function ownerOf(name: string, file: string, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined
  const target = join(dirname(file), from)
  const further = handedOn(target).get(name)
  return further === undefined ? target : ownerOf(name, target, further)
}

const all = readdirSync(packages).flatMap(definedIn)

test('every public name has one owner, or a reason for two', () => {
  const shared = [...Map.groupBy(all, ({ name }) => name)].filter(([, found]) => found.length > 1)
  expect(shared.map(([name]) => name).toSorted()).toEqual(Object.keys(TWO_OWNERS).toSorted())
})

test('the reader of exports finds names, types and renamed names', () => {
  expect(all.length).toBeGreaterThan(300)
  expect(all).toContainEqual({ name: 'createImageVerifier', owner: 'core/src/create-image-verifier.ts' })
  expect(all).toContainEqual({ name: 'Policy', owner: 'policy-parser/src/model.ts' })
})
