import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const packages = join(import.meta.dirname, '../packages')

/** One row of docs/limits.md. */
interface Limit {
  readonly name: string
  readonly value: number
  readonly why: string
}

/** How the limits of a package can be changed; those of other packages are fixed. */
const CHANGED_BY: ReadonlyMap<string, string> = new Map([
  ['primitives DEFAULT_BUDGET', '`limits` of `createImageVerifier`'],
  ['attestor-evaluator MAX_PAYLOAD_BYTES', '`attestors.maxPayloadBytes` of `createImageVerifier`'],
  ['core evaluationMs', '`deadlineMs`, for a verifier or a call'],
  ['core workerBytes', '`workerBytes` of `createImageVerifier`'],
])

/** Packages whose limits, apart from constants in capitals, are all options. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['registry-fetcher', '`limits` of `createRegistryClient`'],
  ['webhook', '`createWebhookServer`'],
])

/** Tables of all limits, by package: the values are imported, the reasons are their comments. */
export async function limitsTables(): Promise<string> {
  const tables: string[] = []
  for (const name of readdirSync(packages).sort()) {
    const limits = await limitsOf(name)
    if (limits.length > 0)
      tables.push(
        `### ${name}\n\n| limit | default | unit | why | how to change |\n| --- | --- | --- | --- | --- |\n${limits
          .map((limit) => rowOf(name, limit))
          .join('\n')}`,
      )
  }
  return tables.join('\n\n')
}

async function limitsOf(name: string): Promise<readonly Limit[]> {
  const files = ['limits.ts', 'evaluation-budget.ts'].map((file) => join(packages, name, 'src', file))
  const found = await Promise.all(files.filter((file) => existsSync(file)).map(limitsIn))
  return found.flat()
}

async function limitsIn(file: string): Promise<readonly Limit[]> {
  const exported: Readonly<Record<string, unknown>> = { ...(await import(pathToFileURL(file).href)) }
  const reasons = reasonsIn(readFileSync(file, 'utf8'))
  // A module namespace is sorted by name in Node and not in vite, so the order is that of the source.
  const order = [...reasons.keys()]
  const named = Object.entries(exported).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
  return named.flatMap(([name, value]): readonly Limit[] => {
    if (typeof value === 'number') return [{ name, value, why: reasons.get(name) ?? '' }]
    if (typeof value !== 'object' || value === null) return []
    const prefix = name === 'DEFAULT_BUDGET' ? `${name}.` : ''
    return Object.entries(value).flatMap(([member, limit]) =>
      typeof limit === 'number' ? [{ name: `${prefix}${member}`, value: limit, why: reasons.get(member) ?? '' }] : [],
    )
  })
}

/** The comment in front of each constant and member. Those in a row without a comment share that of the first. */
function reasonsIn(source: string): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>()
  let comment = ''
  let isItsOwn = false
  for (const [, block, name = ''] of source.matchAll(
    /\/\*\*([\s\S]*?)\*\/|^(?:export const | {2}(?:readonly )?)(\w+)(?::| =)/gm,
  )) {
    if (block !== undefined) comment = textOf(block)
    else if (isItsOwn || !reasons.has(name)) reasons.set(name, comment)
    isItsOwn = block !== undefined
  }
  return reasons
}

/** The text of a comment on one line. */
function textOf(block: string): string {
  return block
    .split('\n')
    .map((line) => line.trim().replace(/^\* ?/, ''))
    .join(' ')
    .trim()
}

function rowOf(packageName: string, { name, value, why }: Limit): string {
  const [group = ''] = name.split('.')
  const change =
    CHANGED_BY.get(`${packageName} ${group}`) ?? (/^[a-z]/.test(name) ? OPTIONS.get(packageName) : undefined) ?? 'fixed'
  return `| \`${name}\` | ${valueText(name, value)} | ${unitOf(name)} | ${why.replaceAll('|', '\\|')} | ${change} |`
}

const MEBIBYTE = 1024 * 1024

function valueText(name: string, value: number): string {
  if (unitOf(name) === 'bytes' && value % MEBIBYTE === 0) return `${String(value / MEBIBYTE)} MiB`
  if (unitOf(name) === 'bytes' && value % 1024 === 0) return `${String(value / 1024)} KiB`
  return value.toLocaleString('en-US').replaceAll(',', ' ')
}

/** The unit, which every name ends in unless it counts what it names. */
function unitOf(name: string): string {
  if (/megabytes$/i.test(name)) return 'MiB'
  if (/bytes$/i.test(name)) return 'bytes'
  if (/(?:[a-z]Ms|_MS)$/.test(name)) return 'milliseconds'
  if (/^MAX_(?:CHAIN|LIST)_LENGTH$/.test(name)) return 'count'
  if (/length$|characters$/i.test(name)) return 'characters'
  if (/depth$/i.test(name)) return 'levels'
  if (/bits$/i.test(name)) return 'bits'
  return 'count'
}
