import { isJsonArray, isJsonObject, type Json } from './json.ts'
import { foldKey } from './strict-json.ts'

export type JsonCheck = (value: Json) => boolean

/** The members that Go's struct has, with the checks of their values. Others are ignored, as Go does. */
export interface JsonForm {
  readonly checks: ReadonlyMap<string, JsonCheck>
  /** The names of the members as Go folds them. */
  readonly folded: ReadonlySet<string>
}

/**
 * Makes a form. Each member may be missing, or null, which leaves a field of Go as it is.
 *
 * @param notNull members whose type reads null itself, and fails
 */
export function jsonForm(
  members: Readonly<Record<string, JsonCheck>>,
  notNull: Readonly<Record<string, JsonCheck>> = {},
): JsonForm {
  const orNull = Object.entries(members).map(([name, check]): [string, JsonCheck] => [
    name,
    (value) => value === null || check(value),
  ])
  const checks = new Map([...orNull, ...Object.entries(notNull)])
  return { checks, folded: new Set([...checks.keys()].map(foldKey)) }
}

/**
 * Returns the name of a member that Go's struct does not have in this spelling, or not with such a value; undefined if
 * there is none, and the empty string if the value is not an object.
 *
 * Go reads `Digest` as `digest`, so two readers would see two values; and what Go cannot read does not exist for
 * Kyverno, also where the member is of no use.
 */
export function misshapenMember(value: Json, { checks, folded }: JsonForm): string | undefined {
  if (!isJsonObject(value)) return ''
  for (const [name, member] of Object.entries(value)) {
    const check = checks.get(name)
    if (check === undefined ? folded.has(foldKey(name)) : !check(member)) return name
  }
  return undefined
}

/** Makes the check of an object of a form. */
export function ofForm(form: JsonForm): JsonCheck {
  return (value) => misshapenMember(value, form) === undefined
}

/** Go replaces a lone surrogate by U+FFFD, which is another string. */
export function isJsonText(value: Json): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

/** Null in an array or a map is an empty string to Go. */
export function isJsonTexts(value: Json): boolean {
  return isJsonArray(value) && value.every((text) => isJsonText(text ?? ''))
}

export function isJsonTextMap(value: Json): boolean {
  return isJsonObject(value) && Object.values(value).every((text) => isJsonText(text ?? ''))
}
