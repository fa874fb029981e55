import { isJsonArray, isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt, stringsOf, valueAt } from '../json-value.ts'
import { containsKind } from '../kind-selector.ts'
import { FULL_KINDS, podKinds } from './controllers.ts'
import { wrapMutate, wrapValidate } from './wrap-template.ts'

const KNOWN: readonly string[] = podKinds.filter((kind) => kind !== 'Pod' && kind !== 'CronJob')
const MAX_NAME_BYTES = 63

/** Returns the rule for all controllers but CronJob, or undefined where the rule is not about Pods. */
export function controllersRule(rule: JsonObject, controllers: readonly string[]): JsonObject | undefined {
  const name = stringAt(rule, 'name')
  if (name.startsWith('autogen-') || controllers.join(',') === '' || !matchesPods(rule) || excludesOthers(rule))
    return undefined
  return generate(rule, {
    name: `autogen-${name}`,
    kinds: knownControllers(controllers),
    template: 'template',
    shift: 'spec/template',
    takes: (kinds) => containsKind(kinds, 'Pod'),
  })
}

/** Returns the rule for CronJobs: made from the one for the other controllers, so its templates are wrapped twice. */
export function cronJobRule(rule: JsonObject, controllers: readonly string[]): JsonObject | undefined {
  const list = controllers.join(',')
  if (!list.includes('CronJob') && !list.includes('all')) return undefined
  const base = controllersRule(rule, controllers)
  // Here every block gets the new kinds, whatever kinds it had.
  return (
    base &&
    generate(base, {
      name: `autogen-cronjob-${stringAt(rule, 'name')}`,
      kinds: ['CronJob'],
      template: 'jobTemplate',
      shift: 'spec/jobTemplate/spec/template',
      takes: () => true,
    })
  )
}

/** Returns known controllers only, if there is one; else the array unchanged. */
function knownControllers(controllers: readonly string[]): readonly string[] {
  if (controllers.length === 1 && controllers[0] === 'all') return [...KNOWN].sort()
  const known = controllers.filter((name) => KNOWN.includes(name))
  return (known.length > 0 ? known : [...controllers]).toSorted()
}

function matchesPods(rule: JsonObject): boolean {
  return containsKind(allKinds(ownMember(rule, 'match')), 'Pod')
}

/** Returns whether the exclude of a rule names kinds other than Pod only: such a rule is not rewritten. */
export function excludesOthers(rule: JsonObject): boolean {
  const excluded = allKinds(ownMember(rule, 'exclude'))
  return excluded.length > 0 && !containsKind(excluded, 'Pod')
}

/** Returns every kind that a match or exclude names. */
export function allKinds(match: Json | undefined): string[] {
  return [match, ...itemsOf(ownMember(match, 'all')), ...itemsOf(ownMember(match, 'any'))].flatMap((block) =>
    stringsOf(valueAt(block, 'resources', 'kinds')),
  )
}

interface Generation {
  readonly name: string
  readonly kinds: readonly string[]
  readonly template: 'template' | 'jobTemplate'
  /** Where references in messages go. */
  readonly shift: string
  /** Whether a block with these kinds gets the new ones. */
  readonly takes: (kinds: readonly string[]) => boolean
}

function generate(rule: JsonObject, generation: Generation): JsonObject | undefined {
  const kinds = generation.kinds.map((kind) => FULL_KINDS.get(kind) ?? kind)
  const body = bodyOf(rule, generation)
  if (body === undefined) return undefined
  const exclude = ownMember(rule, 'exclude')
  return {
    ...rule,
    ...body,
    name: cutName(generation.name),
    match: withKinds(ownMember(rule, 'match') ?? {}, kinds, generation.takes, true),
    ...(isJsonObject(exclude) ? { exclude: withKinds(exclude, kinds, generation.takes, false) } : {}),
  }
}

/** Returns the action of the rule for the controllers; undefined where Kyverno generates none. */
function bodyOf(rule: JsonObject, { template, shift }: Generation): JsonObject | undefined {
  const mutate = wrapMutate(ownMember(rule, 'mutate'), template)
  if (mutate !== undefined) return { mutate }
  const validate = wrapValidate(ownMember(rule, 'validate'), template, shift)
  if (validate !== undefined) return { validate }
  return isJsonArray(ownMember(rule, 'verifyImages')) ? {} : undefined
}

/**
 * Returns a name cut to 63 bytes. Each byte of a character that is cut in two becomes a replacement character in Go's
 * JSON.
 */
function cutName(name: string): string {
  let bytes = 0
  let cut = ''
  for (const character of name) {
    const size = Buffer.byteLength(character)
    if (bytes + size > MAX_NAME_BYTES) return cut + '\u{FFFD}'.repeat(MAX_NAME_BYTES - bytes)
    bytes += size
    cut += character
  }
  return cut
}

function withKinds(match: Json, kinds: readonly string[], takes: Generation['takes'], always: boolean): JsonObject {
  const base = isJsonObject(match) ? match : {}
  for (const list of ['any', 'all']) {
    const blocks = itemsOf(ownMember(base, list))
    if (blocks.length > 0)
      return {
        ...base,
        [list]: blocks.map((block) =>
          takes(stringsOf(valueAt(block, 'resources', 'kinds'))) ? blockWithKinds(block, kinds) : block,
        ),
      }
  }
  // An exclude without kinds stays without.
  return always || itemsOf(valueAt(base, 'resources', 'kinds')).length > 0 ? blockWithKinds(base, kinds) : base
}

function blockWithKinds(block: Json, kinds: readonly string[]): JsonObject {
  const resources = ownMember(block, 'resources')
  return { ...(isJsonObject(block) ? block : {}), resources: { ...(isJsonObject(resources) ? resources : {}), kinds } }
}
