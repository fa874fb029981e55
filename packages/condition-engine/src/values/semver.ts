/**
 * Versions as `blang/semver` parses them: exactly three numbers, without a leading `v`.
 *
 * @see blang/semver v4: Parse, ParseRange
 * @see https://semver.org, section 11
 */
import { LIMITS } from '../limits.ts'
import { compareStrings } from './compare-strings.ts'

export interface Version {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint]
  readonly prerelease: readonly (bigint | string)[]
}

/** The version that `semver_compare` uses for an invalid one. */
export const ZERO_VERSION: Version = { numbers: [0n, 0n, 0n], prerelease: [] }

const MAX_UINT64 = (1n << 64n) - 1n
const NUMBER = /^(?:0|[1-9]\d*)$/
const IDENTIFIER = /^[0-9A-Za-z-]+$/

/** Parses a version such as `1.2.3-pre.1+build`. Returns `undefined` for anything else, such as `v1.2.3` and `1.2`. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > LIMITS.versionLength) return undefined
  const [release, build] = splitOnce(text, '+')
  if (build !== undefined && !build.split('.').every((part) => IDENTIFIER.test(part))) return undefined
  const [numbersText, prereleaseText] = splitOnce(release, '-')
  const numbers = numbersText.split('.').map(readNumber)
  const [major, minor, patch] = numbers
  if (numbers.length !== 3 || major === undefined || minor === undefined || patch === undefined) return undefined
  const prerelease = prereleaseText === undefined ? [] : prereleaseText.split('.').map(readIdentifier)
  return prerelease.every((part) => part !== undefined) ? { numbers: [major, minor, patch], prerelease } : undefined
}

function splitOnce(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function readNumber(text: string): bigint | undefined {
  if (!NUMBER.test(text)) return undefined
  const value = BigInt(text)
  return value <= MAX_UINT64 ? value : undefined
}

function readIdentifier(text: string): bigint | string | undefined {
  if (/^\d+$/.test(text)) return readNumber(text)
  return IDENTIFIER.test(text) ? text : undefined
}

/** Compares by precedence: negative, zero or positive. Build metadata is ignored. */
export function compareVersions(left: Version, right: Version): number {
  for (const index of [0, 1, 2] as const) {
    const difference = left.numbers[index] - right.numbers[index]
    if (difference !== 0n) return difference > 0n ? 1 : -1
  }
  return comparePrereleases(left.prerelease, right.prerelease)
}

function comparePrereleases(left: Version['prerelease'], right: Version['prerelease']): number {
  // A version without a prerelease follows its prereleases.
  if (left.length === 0 || right.length === 0) return Number(left.length === 0) - Number(right.length === 0)
  for (const [index, part] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    const order = compareIdentifiers(part, other)
    if (order !== 0) return order
  }
  return left.length - right.length
}

function compareIdentifiers(left: bigint | string, right: bigint | string): number {
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right)
  if (typeof left === 'string' || typeof right === 'string') return typeof left === 'string' ? 1 : -1
  return left === right ? 0 : left > right ? 1 : -1
}
