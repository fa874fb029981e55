const TAG_START = /^[\w?*]$/
const TAG_PART = /^[\w.\-?*]$/

/**
 * Returns whether there is a tag for which `pattern` matches `repository:tag` followed by `rest`.
 *
 * Any tag may point to an image referenced by digest, so patterns such as `app:*` and `app:v1*` match it. Tracks all
 * reachable positions of the pattern at once, so time is bounded by pattern length × text length.
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

/** Returns the positions after one more character; `fits` tells which pattern characters match it. */
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

/** Returns the positions after any number of tag characters. One pass in ascending order visits each position once. */
function readAnyTagPart(wanted: readonly string[], positions: readonly number[]): readonly number[] {
  const reached = new Set(positions)
  wanted.forEach((character, at) => {
    if (reached.has(at) && TAG_PART.test(character)) reached.add(at + 1)
  })
  return [...reached]
}

/** Adds the positions after stars, since `*` matches the empty string. */
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
