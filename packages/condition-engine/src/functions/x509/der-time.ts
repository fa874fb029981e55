import { parseTime } from '../../values/time-layout.ts'
import { formatRfc3339 } from '../../values/time.ts'
import type { DerElement, DerReader } from './der-reader.ts'
import { malformed, TAG } from './der-reader.ts'

const UTC_FORM = /^\d{10}(?:\d\d)?(?:Z|[+-]\d{4})$/
/** `YYYYMMDDhhmm`: seconds may be left out of a UTCTime. */
const MINUTES_LENGTH = 12
const GENERALIZED_FORM = /^\d{14}(?:Z|[+-]\d{4})$/

/** The RFC 3339 text of the time that is next. A two-digit year is of 1950 to 2049. */
export function readDerTime(reader: DerReader): string {
  const element = reader.readAny('validity')
  if (element.tag !== TAG.utcTime && element.tag !== TAG.generalizedTime) throw malformed('time')
  return derTime(element)
}

export function derTime({ tag, content }: DerElement): string {
  const text = content.toString('latin1')
  const utc = tag === TAG.utcTime
  if (!(utc ? UTC_FORM : GENERALIZED_FORM).test(text)) throw malformed('time')
  const century = Number(text.slice(0, 2)) >= 50 ? '19' : '20'
  const full = utc ? century + text : text
  const layout = full.search(/\D/) === MINUTES_LENGTH ? '200601021504Z0700' : '20060102150405Z0700'
  const time = parseTime(layout, full)
  // `+0000` is not how UTC is written.
  if (time === undefined || (time.offsetSeconds === 0 && !text.endsWith('Z'))) throw malformed('time')
  return formatRfc3339(time)
}
