import { parseGoInteger } from '@verify-images/primitives'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { formatDuration, parseDuration } from '../values/duration.ts'
import { parseRfc3339, parseTime } from '../values/time-layout.ts'
import {
  addDuration,
  clockFields,
  formatRfc3339,
  timeOfDate,
  timeOfUnix,
  inUtc,
  subtractTimes,
  truncateTime,
} from '../values/time.ts'
import type { GoTime } from '../values/time.ts'
import { define, defineUnchecked } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { formatGoValue } from './go-format.ts'
import { string } from './parameter.ts'

/** Steps of parsing a time or a duration, and of each of its characters: layouts are long. */
const STEPS = 40
const STEPS_PER_CHARACTER = 4

const DEFINITIONS: readonly FunctionDefinition[] = [
  defineUnchecked('time_now', (evaluation) => formatRfc3339(nowOf(evaluation))),
  defineUnchecked('time_now_utc', (evaluation) => formatRfc3339(nowOf(evaluation))),
  define('time_since', [string, string, string], ([layout, from, to], evaluation) => {
    const start = layoutTimeOf(layout, from)
    const end = to === '' ? nowOf(evaluation) : layoutTimeOf(layout, to)
    return formatDuration(subtractTimes(end, start))
  }),
  define('time_add', [string, string], ([time, duration]) => {
    const start = timeOf(time)
    return formatRfc3339(addDuration(start, durationOf(duration)))
  }),
  define('time_parse', [string, string], ([layout, time]) =>
    formatRfc3339(parseGoInteger(layout) === undefined ? parsed(layout, time) : epochTimeOf(time)),
  ),
  define('time_to_cron', [string], ([time]) => {
    const { minute, hour, day, month, weekday } = clockFields(timeOf(time))
    return `${minute} ${hour} ${day} ${month} ${weekday}`
  }),
  define('time_utc', [string], ([time]) => formatRfc3339(inUtc(timeOf(time)))),
  define('time_diff', [string, string], ([from, to]) => {
    const start = timeOf(from)
    return formatDuration(subtractTimes(timeOf(to), start))
  }),
  define('time_before', [string, string], ([left, right]) => timeOf(left).nanoseconds < timeOf(right).nanoseconds),
  define('time_after', [string, string], ([left, right]) => timeOf(left).nanoseconds > timeOf(right).nanoseconds),
  define('time_between', [string, string, string], ([time, start, end]) => {
    const { nanoseconds } = timeOf(time)
    const first = timeOf(start).nanoseconds
    const last = timeOf(end).nanoseconds
    return nanoseconds > first && nanoseconds < last
  }),
  define('time_truncate', [string, string], ([time, duration]) => {
    const start = timeOf(time)
    return formatRfc3339(truncateTime(start, durationOf(duration)))
  }),
]

/** Functions of times (RFC 3339 strings) and durations (Go's syntax). */
export const TIMES: readonly FunctionDefinition[] = DEFINITIONS.map(({ name, call }) => ({
  name,
  call: (args, evaluation) => {
    for (const arg of args)
      if (typeof arg === 'string') evaluation.meter.charge(STEPS + STEPS_PER_CHARACTER * arg.length)
    return call(args, evaluation)
  },
}))

/** Reads the caller's clock; nothing here reads the system's. */
function nowOf({ options }: Evaluation): GoTime {
  if (options.now === undefined) throw evaluationError('value', 'time_now() and time_now_utc() need the option `now`')
  return timeOfDate(options.now())
}

function timeOf(time: string): GoTime {
  return checked(parseRfc3339(time), time)
}

function layoutTimeOf(layout: string, time: string): GoTime {
  return layout === '' ? timeOf(time) : parsed(layout, time)
}

function parsed(layout: string, time: string): GoTime {
  return checked(parseTime(layout, time), time)
}

function checked(time: GoTime | undefined, source: string): GoTime {
  if (time === undefined) throw evaluationError('value', `parsing time "${formatGoValue(source)}": cannot parse`)
  return time
}

/** Parses seconds since 1970; the value of a numeric layout does not matter. */
function epochTimeOf(seconds: string): GoTime {
  const value = parseGoInteger(seconds)
  if (value === undefined)
    throw evaluationError('value', `strconv.ParseInt: parsing "${formatGoValue(seconds)}": invalid syntax`)
  return timeOfUnix(value)
}

function durationOf(duration: string): bigint {
  const value = parseDuration(duration)
  if (value === undefined) throw evaluationError('value', `time: invalid duration "${formatGoValue(duration)}"`)
  return value
}
