import type { PlatformChoice } from '@verify-images/core'
import { UsageError } from '../cli-error.ts'
import type { Outputs, Shard } from './arguments.ts'
import { OPTIONS, type TextOption } from './options.ts'
import type { Values } from './parse-command-line.ts'

/** @throws UsageError */
export function oneOf<T extends string>(what: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) throw new UsageError(`${what}: expected one of ${allowed.join(', ')}, got \`${value}\``)
  return found
}

/** Text goes to standard output unless another format does, so a command that writes files still says what it found. */
export function readOutputs<T extends string>(values: Values, allowed: readonly ['text', ...T[]]): Outputs<'text' | T> {
  const given = (values.list('output') ?? []).map((value) => {
    const [name = '', ...file] = value.split('=')
    return {
      format: oneOf<'text' | T>('--output', name, allowed),
      file: file.length === 0 ? undefined : file.join('='),
    }
  })
  const [shown, another] = given.filter(({ file }) => file === undefined)
  if (another !== undefined)
    throw new UsageError(
      `--output: ${another.format}: standard output has a format already: write --output ${another.format}=<file>`,
    )
  const outputFiles = given.flatMap(({ format, file }) => (file === undefined ? [] : [{ format, file: fileIn(file) }]))
  const names = outputFiles.map(({ file }) => file)
  const twice = names.find((file, i) => names.indexOf(file) < i)
  if (twice !== undefined) throw new UsageError(`--output names \`${twice}\` twice`)
  return { output: shown?.format ?? 'text', outputFiles }
}

function fileIn(file: string): string {
  if (file === '') throw new UsageError('--output: the name of the file is empty: is a variable unset?')
  if (file === '-') throw new UsageError('--output: expected a file after `=`, got `-`; without it: standard output')
  return file
}

export function readConcurrency(value: string = '16'): number {
  if (!/^[1-9]\d{0,2}$/.test(value))
    throw new UsageError(`--concurrency: expected a number from 1 to 999, got \`${value}\``)
  return Number(value)
}

/** Returns milliseconds; undefined if the option was not given. */
export function readSeconds(values: Values, option: 'deadline' | 'image-deadline', most: number): number | undefined {
  const value = values.text(option)
  if (value === undefined) return undefined
  const seconds = Number(value)
  if (!(seconds > 0 && seconds <= most))
    throw new UsageError(
      `--${option}: expected a number of seconds above 0 and up to ${String(most)}, got \`${value}\``,
    )
  return Math.ceil(seconds * 1000)
}

/** Reads a namespace, an RFC 1123 label: the API server accepts no other names. */
export function readNamespace(value: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) {
    throw new UsageError(
      `--namespace: expected up to 63 lowercase letters, digits and hyphens, no hyphen at either end, got \`${value}\``,
    )
  }
  return value
}

/** Hosts are compared with those of responder URLs, so a host that no URL can have would allow nothing. */
export function readRevocationHost(value: string): string {
  if (!['http', 'https'].every((scheme) => URL.parse(`${scheme}://${value}`)?.host === value.toLowerCase())) {
    throw new UsageError(
      `--revocation-host: expected host[:port] without the default port of http or https, got \`${value}\``,
    )
  }
  return value
}

/** @see RFC 3339, section 5.6; a date alone is its first moment in UTC. */
const TIME = /^\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/

export function readTime(value: string): Date {
  const time = new Date(value)
  if (!TIME.test(value) || Number.isNaN(time.getTime()))
    throw new UsageError(`--at: expected a time such as 2026-01-31T12:00:00Z, got \`${value}\``)
  return time
}

/** Reads a proxy. A password in the URL would be in the list of processes, so the message does not show it. */
export function readProxy(value: string): string {
  const url = URL.parse(value)
  if (value !== 'none' && url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError('--proxy: expected none, http://host:port or https://host:port')
  return value
}

export function readShard(value: string = '0/1'): Shard {
  const [, index = '', count = ''] = /^(\d{1,5})\/(\d{1,5})$/.exec(value) ?? []
  const shard = { index: Number(index), count: Number(count) }
  if (index === '' || shard.index >= shard.count)
    throw new UsageError(`--shard: expected i/n with i from 0 to n-1, got \`${value}\``)
  return shard
}

export function readPlatforms(value: string): PlatformChoice {
  if (value === 'index' || value === 'any-child' || value === 'every-child') return value
  const platforms = value.split(',')
  // A misspelt choice would otherwise be read as a platform that no image has.
  if (!platforms.every((platform) => /^[^/\s]+(?:\/[^/\s]+){1,2}$/.test(platform))) {
    throw new UsageError(
      `--platforms: expected index, any-child, every-child or platforms such as linux/amd64,linux/arm/v7, ` +
        `got \`${value}\``,
    )
  }
  return platforms
}

/** Returns the token servers by registry, which may have several. */
export function readTokenServers(pairs: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const read = new Map<string, readonly string[]>()
  for (const pair of pairs) {
    const [registry = '', server = '', ...rest] = pair.split('=')
    if (registry === '' || server === '' || rest.length > 0)
      throw new UsageError(`--token-server: expected ${OPTIONS['token-server'].value}, got \`${pair}\``)
    read.set(registry, [...(read.get(registry) ?? []), server])
  }
  return read
}

export function readPairs(
  option: 'namespace-label' | 'registry-endpoint',
  pairs: readonly string[],
): ReadonlyMap<string, string> {
  const read = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0) throw new UsageError(`--${option}: expected ${OPTIONS[option].value}, got \`${pair}\``)
    const name = pair.slice(0, at)
    if (read.has(name)) throw new UsageError(`--${option} names \`${name}\` twice`)
    read.set(name, pair.slice(at + 1))
  }
  return read
}

/** Returns the names of options that may be repeated and whose values are separated by commas, too. */
export function readNames(values: Values, option: 'groups' | 'roles' | 'cluster-roles'): readonly string[] | undefined {
  const names = values.list(option)?.flatMap((value) => value.split(',').map((name) => name.trim()))
  if (names?.includes('') === true) throw new UsageError(`--${option}: a name is empty`)
  return names
}

/** @throws UsageError if the option is missing */
export function required(values: Values, option: TextOption, command: string): string {
  const value = values.text(option)
  if (value === undefined) throw new UsageError(`\`${command}\` needs --${option} ${OPTIONS[option].value}`)
  return value
}
