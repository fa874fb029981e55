import {
  findReferences,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  ownMember,
} from '@verify-images/primitives'
import { itemsOf, stringAt } from '../json-value.ts'

/** Returns a mutate rule for the template of a controller; undefined for one that is neither a merge nor a loop. */
export function wrapMutate(mutate: Json | undefined, template: string): JsonObject | undefined {
  const patch = ownMember(mutate, 'patchStrategicMerge') ?? null
  if (patch !== null) return { patchStrategicMerge: { spec: { [template]: patch } } }
  const loops = itemsOf(ownMember(mutate, 'foreach'))
  if (loops.length === 0) return undefined
  return {
    foreach: loops.map((loop) => ({
      ...pick(loop, ['list', 'context', 'preconditions']),
      patchStrategicMerge: { spec: { [template]: ownMember(loop, 'patchStrategicMerge') ?? null } },
    })),
  }
}

const KEPT = ['failureAction', 'failureActionOverrides', 'allowExistingViolations'] as const

/** Returns a validate rule for the template of a controller; undefined for one of a kind that is not rewritten. */
export function wrapValidate(validate: Json | undefined, template: string, shift: string): JsonObject | undefined {
  if (!isJsonObject(validate)) return undefined
  const inTemplate = (pattern: Json): JsonObject => ({ spec: { [template]: pattern } })
  const rest = (pivot: string): JsonObject => ({
    ...pick(validate, KEPT),
    message: shiftReferences(stringAt(validate, 'message'), shift, pivot),
  })
  const part = (name: string): Json => ownMember(validate, name) ?? null

  const [pattern, deny, podSecurity, anyPattern, loops, cel] = [
    'pattern',
    'deny',
    'podSecurity',
    'anyPattern',
    'foreach',
    'cel',
  ].map(part)
  if (pattern !== undefined && pattern !== null) return { ...rest('pattern'), pattern: inTemplate(pattern) }
  if (isJsonObject(deny)) return { ...rest('deny'), deny }
  if (isJsonObject(podSecurity)) return { ...rest('podSecurity'), podSecurity }
  if (anyPattern !== undefined && anyPattern !== null)
    return { ...rest('anyPattern'), anyPattern: itemsOf(anyPattern).map(inTemplate) }
  if (isJsonArray(loops) && loops.length > 0) return { ...rest('pattern'), foreach: loops }
  return isJsonObject(cel) ? validate : undefined
}

/** Points the references of a message one template deeper. A reference without the pivot stays as it is. */
function shiftReferences(message: string, shift: string, pivot: string): string {
  let shifted = message
  let at = pivot
  for (const { lead, text } of findReferences(message)) {
    const index = text.indexOf(at)
    if (index < 0) continue
    if (at === 'anyPattern') at = `${at}/${text.slice(index + at.length + 1).split('/')[0] ?? ''}`
    const moved = text.split(at).join(`${at}/${shift}`)
    // A replacement text would give `$` a meaning of its own; a function does not.
    shifted = shifted.replace(lead + text, () => lead + moved)
  }
  return shifted
}

function pick(value: Json, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const item = ownMember(value, key)
      return item === undefined ? [] : [[key, item]]
    }),
  )
}
