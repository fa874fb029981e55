import { isJsonArray, isJsonObject, type Json, type JsonObject } from '@verify-images/primitives'

/** What came of a run, from the JSON that the command writes. */
export interface VerdictCounts {
  /** The worst outcome; undefined if nothing was verified. */
  readonly outcome: 'accepted' | 'rejected' | 'inconclusive'
  readonly admitted: number
  readonly denied: number
  /** With what was not verified in time. */
  readonly inconclusive: number
  /** Pinned references of admitted images. */
  readonly references: readonly string[]
}

/** @see docs/apply.schema.json */
export function countVerdicts(document: Json): VerdictCounts {
  const verdicts = membersOf(document, 'verdicts')
  const unfinished = membersOf(document, 'unfinished').length
  const admitted = verdicts.filter((verdict) => verdict['admitted'] === true)
  const refused = verdicts.filter((verdict) => verdict['admitted'] !== true)
  const denied = refused.filter(({ outcome }) => outcome !== 'inconclusive').length
  return {
    outcome: worstOf(verdicts, unfinished),
    admitted: admitted.length,
    denied,
    inconclusive: refused.length - denied + unfinished,
    references: admitted.flatMap(({ reference }) => (typeof reference === 'string' ? [reference] : [])),
  }
}

function membersOf(document: Json, name: string): readonly JsonObject[] {
  const members = isJsonObject(document) ? document[name] : undefined
  return isJsonArray(members) ? members.filter(isJsonObject) : []
}

/** What is denied without a rejection, such as an image that no policy matches, counts as rejected. */
function worstOf(verdicts: readonly JsonObject[], unfinished: number): VerdictCounts['outcome'] {
  const isOf = (outcome: VerdictCounts['outcome']): boolean =>
    verdicts.some((verdict) => verdict['outcome'] === outcome)
  const isDenied = verdicts.some(({ admitted, outcome }) => admitted !== true && outcome !== 'inconclusive')
  if (isDenied || isOf('rejected')) return 'rejected'
  return isOf('inconclusive') || unfinished > 0 ? 'inconclusive' : 'accepted'
}
