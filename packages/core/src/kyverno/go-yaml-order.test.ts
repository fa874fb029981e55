import { expect, test } from 'vitest'
import { compareKeys } from './go-yaml-order.ts'

// Recorded from go.yaml.in/yaml/v3 v3.0.4.
test.each([
  [['p1', 'p9', 'p10']],
  [['rule', 'rule-2', 'rule-10']],
  [['v1.9', 'v1.9.1', 'v1.10']],
  [['_', '1', 'A', 'B', 'a']],
  [['a1', 'a01', 'a001']],
  [['a11', 'a100', 'a101']],
  [['a1', 'a05', 'a1005', 'a1017']],
  [['a001', 'a02']],
  [['a01', 'a2']],
  [['a11b', 'a100b']],
  [['a12', 'a15000000000000000000']],
  [['a-', 'a1b', 'a1-', 'a10b', 'ab']],
  [['z', 'é', '漢']],
  [['a1', 'a٠', 'a٣']],
  [['!', '\uFFFD', '🙂']],
  [['a9223372036854775808', 'a1']],
])('sorts %j', (keys) => {
  expect(keys.toReversed().sort(compareKeys)).toEqual(keys)
  expect([...keys].sort(compareKeys)).toEqual(keys)
})
