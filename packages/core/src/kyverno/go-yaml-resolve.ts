/** Plain scalars that YAML reads as null, a boolean, infinity or NaN; those from `y` on in YAML 1.1 only. */
const names = new Set([
  '',
  '~',
  'null',
  'Null',
  'NULL',
  'true',
  'True',
  'TRUE',
  'false',
  'False',
  'FALSE',
  '.nan',
  '.NaN',
  '.NAN',
  '.inf',
  '.Inf',
  '.INF',
  '+.inf',
  '+.Inf',
  '+.INF',
  '-.inf',
  '-.Inf',
  '-.INF',
  'y',
  'Y',
  'yes',
  'Yes',
  'YES',
  'on',
  'On',
  'ON',
  'n',
  'N',
  'no',
  'No',
  'NO',
  'off',
  'Off',
  'OFF',
])

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const fraction = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/
const based = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/
const datePart = /(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})/.source
const timePart = /(?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})(?:[.,][0-9]+)?/.source
const zonePart = /(?<zone>Z|[-+](?<zoneHour>[0-9]{2}):(?<zoneMinute>[0-9]{2}))/.source
const date = new RegExp(`^${datePart}(?:(?<joint>[Tt]| +)${timePart}${zonePart}?)?$`)

/**
 * Returns whether the Go YAML library quotes a string because, as a plain scalar, it would not be read as a string.
 *
 * That includes numbers in base 60 and the booleans of YAML 1.1, which the library itself reads as strings.
 *
 * @see go.yaml.in/yaml/v3, resolve.go
 */
export function needsQuotes(text: string): boolean {
  if (names.has(text)) return true
  if (text.startsWith('.')) return fraction.test(text) && fitsFloat(text.replaceAll('_', ''))
  return /^[-+0-9]/.test(text) && (isNumber(text.replaceAll('_', '')) || base60.test(text) || isTime(text))
}

function isNumber(text: string): boolean {
  return decimal.test(text) ? fitsFloat(text) : isBasedInteger(text)
}

/** A number too large for a float is a string. */
function fitsFloat(text: string): boolean {
  return Number.isFinite(Number(text))
}

const largest: Readonly<Record<string, bigint>> = { '': 2n ** 64n - 1n, '+': 2n ** 63n - 1n, '-': 2n ** 63n }

function isBasedInteger(text: string): boolean {
  // `0b-1` is a number as well: what follows these two prefixes may have its own sign.
  const [, sign = '', digits] = based.exec(text.replace(/^(0[bo])([-+])/, '$2$1')) ?? []
  return digits !== undefined && BigInt(digits) <= (largest[sign] ?? 0n)
}

/** A date, or a date and a time: with a time zone after a `T`, without one after a space. */
function isTime(text: string): boolean {
  const { joint, zone, ...parts } = date.exec(text)?.groups ?? {}
  const part = (name: string): number => Number(parts[name] ?? 0)
  const zoned = joint === 'T' || joint === 't'
  return (
    zoned === (zone !== undefined) &&
    part('month') >= 1 &&
    part('month') <= 12 &&
    part('day') >= 1 &&
    part('day') <= daysIn(part('year'), part('month')) &&
    part('hour') < 24 &&
    part('minute') < 60 &&
    part('second') < 60 &&
    part('zoneHour') <= 24 &&
    part('zoneMinute') <= 60
  )
}

/** The calendar repeats every 400 years; the shift keeps Date from mapping the years 0 to 99 to 1900 to 1999. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year + 400, month, 0)).getUTCDate()
}
