/** A point in time on both clocks of the process. */
export interface Moment {
  /** Milliseconds since 1970, which an operator may set. */
  readonly wall: number
  /** Milliseconds on a clock that never goes back, and that stands still while the machine sleeps. */
  readonly monotonic: number
}

export function currentMoment(): Moment {
  return { wall: Date.now(), monotonic: performance.now() }
}

/**
 * Returns whether a moment was at most `ageMs` ago, on both clocks. If the wall clock was set back behind the moment
 * its age is unknown, so it is too old.
 */
export function isRecent(then: Moment, now: Moment, ageMs: number): boolean {
  const wall = now.wall - then.wall
  return wall >= 0 && wall <= ageMs && now.monotonic - then.monotonic <= ageMs
}

/** Returns whether a moment came before another one of the same process; false if there is no other. */
export function isBefore(then: Moment, other: Moment | undefined): boolean {
  return other !== undefined && then.monotonic < other.monotonic
}
