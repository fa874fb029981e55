const TAG_START = /^[\w?*]$/
const TAG_PART = /^[\w.\-?*]$/

/**
 * Whether some tag exists for which `pattern` matches `repository:tag` followed by `rest`.
 *
 * An image that is given by digest may carry any tag, written or not, so a rule for `app:*` or `app:v1*` is meant for
 * it as well. All positions of the pattern that the text read so far can lead to are followed at once: time is bounded
 * by pattern length × text length.
 */
export function matchesSomeTag(pattern: string, repository: string, rest: string): boolean {
  const wanted = Array.from(pattern)
  const named = readText(wanted, passStars(wanted, [0]), `${repository}:`)
  const tagged = readAnyTagPart(
    wanted,
    read(wanted, named, (each) => TAG_START.test(each)),
  )
  return readText(wanted, tagged, rest).includes(wanted.length)
}

function readText(wanted: readonly string[], start: readonly number[], text: string): readonly number[] {
  let positions = start
  for (const character of text) {
    if (positions.length === 0) break
    positions = read(wanted, positions, (each) => each === '?' || each === character)
  }
  return positions
}

/** The positions after one more character, where `fits` says which characters of the pattern can stand for it. */
function read(
  wanted: readonly string[],
  positions: readonly number[],
  fits: (character: string) => boolean,
): readonly number[] {
  return passStars(
    wanted,
    positions.flatMap((at) => {
      const character = wanted[at]
      if (character === undefined) return []
      if (character === '*') return [at]
      return fits(character) ? [at + 1] : []
    }),
  )
}

/** The positions after any number of further characters of a tag; going upwards, each position is looked at once. */
function readAnyTagPart(wanted: readonly string[], positions: readonly number[]): readonly number[] {
  const reached = new Set(positions)
  wanted.forEach((character, at) => {
    if (reached.has(at) && TAG_PART.test(character)) reached.add(at + 1)
  })
  return [...reached]
}

/** A star may stand for nothing. */
function passStars(wanted: readonly string[], positions: readonly number[]): readonly number[] {
  const reached = new Set<number>()
  for (const start of positions) {
    for (let at = start; !reached.has(at); at++) {
      reached.add(at)
      if (wanted[at] !== '*') break
    }
  }
  return [...reached]
}
