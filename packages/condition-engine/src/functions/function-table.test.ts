import { expect, test } from 'vitest'
import { search } from '../expression/search.ts'
import { FUNCTIONS } from './function-table.ts'

const BUILT_IN =
  `abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by starts_with to_array
  to_number to_string type values`.split(/\s+/)
const KYVERNO =
  `add base64_decode base64_encode compare divide equal_fold image_normalize is_external_url items label_match lookup md5 modulo multiply
  object_from_lists parse_json parse_yaml path_canonicalize pattern_match random regex_match regex_replace_all regex_replace_all_literal replace
  replace_all round semver_compare sha1 sha256 split subtract sum time_add time_after time_before time_between time_diff time_now time_now_utc time_parse
  time_since time_to_cron time_truncate time_utc to_boolean to_lower to_upper trim trim_prefix truncate x509_decode`.split(
    /\s+/,
  )

test('the table has every function of JMESPath and of Kyverno, and no other', () => {
  expect([...FUNCTIONS.keys()].sort()).toEqual([...BUILT_IN, ...KYVERNO].sort())
})

const UNCHECKED = ['time_now', 'time_now_utc']
const VARIADIC = ['merge', 'not_null']

test.each([...FUNCTIONS.keys()].filter((name) => !UNCHECKED.includes(name)))(
  '%s rejects a wrong number of arguments',
  (name) => {
    const tooMany = `${name}(${Array(9).fill('@').join()})`
    expect(() => search(`${name}()`, null)).toThrow(expect.objectContaining({ kind: 'arity' }))
    if (!VARIADIC.includes(name))
      expect(() => search(tooMany, null)).toThrow(expect.objectContaining({ kind: 'arity' }))
  },
)

test('every function checks the types of its arguments first', () => {
  const arities = new Map([...FUNCTIONS.keys()].map((name) => [name, arityOf(name)]))
  const tolerant = ['to_array', 'to_string', 'to_number', 'type', ...VARIADIC, ...UNCHECKED]
  for (const [name, arity] of arities) {
    if (tolerant.includes(name)) continue
    expect(() => search(`${name}(${Array(arity).fill('@').join()})`, true), name).toThrow(
      expect.objectContaining({ kind: 'type' }),
    )
  }
})

function arityOf(name: string): number {
  for (let count = 1; count < 9; count++) {
    try {
      search(`${name}(${Array(count).fill('@').join()})`, true, { now: () => new Date(0) })
      return count
    } catch (error) {
      if (!(error instanceof Error && 'kind' in error && error.kind === 'arity')) return count
    }
  }
  return 0
}
