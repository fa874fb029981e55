/** What YAML reads as null, a boolean or a number that has a name; the last row is read so by YAML 1.1 only. */
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
const date =
  /^(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})(?:(?<joint>[Tt]| +)(?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})(?:[.,][0-9]+)?(?<zone>Z|[-+](?<zoneHour>[0-9]{2}):(?<zoneMinute>[0-9]{2}))?)?$/

/**
 * Whether the Go YAML library would read the text, were it written plain, as something other than a text: it quotes it then.
 *
 * Beside what the library itself reads so, numbers in base 60 and the booleans of YAML 1.1.
 *
 * @see go.yaml.in/yaml/v3, resolve.go
 */
export function readsAsOtherThanText(text: string): boolean {
  if (names.has(text)) return true
  if (text.startsWith('.')) return fraction.test(text) && fitsFloat(text.replaceAll('_', ''))
  return /^[-+0-9]/.test(text) && (isNumber(text.replaceAll('_', '')) || base60.test(text) || isTime(text))
}

function isNumber(text: string): boolean {
  return decimal.test(text) ? fitsFloat(text) : isBasedInteger(text)
}

/** What is too large for a float is a text. */
function fitsFloat(text: string): boolean {
  return Number.isFinite(Number(text))
}

const largest: Readonly<Record<string, bigint>> = { '': 2n ** 64n - 1n, '+': 2n ** 63n - 1n, '-': 2n ** 63n }

function isBasedInteger(text: string): boolean {
  // `0b-1` is a number as well: what follows these two prefixes is read with its own sign.
  const [, sign = '', digits] = based.exec(text.replace(/^(0[bo])([-+])/, '$2$1')) ?? []
  return digits !== undefined && BigInt(digits) <= (largest[sign] ?? 0n)
}

/** A date, or a date and a time: with a zone after a `T`, without one after a space. */
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

/** Four hundred years later the calendar is the same, and no year is taken for one of the last century. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year + 400, month, 0)).getUTCDate()
}
