import { computeRules, decodeRule } from '@verify-images/policy-parser'

/** The policies of this file did not go through an API server: no defaults are filled in. */
export const evaluate = ({ policy, kind }) => {
  const rules = (policy.spec.rules ?? []).map(decodeRule)
  return {
    rules: computeRules(
      { ...policy, annotations: policy.metadata.annotations ?? {}, spec: { ...policy.spec, rules } },
      kind,
    ).map(({ rule }) => withZeroFields(rule)),
  }
}

/** Go writes these fields also where they are empty. */
const ALWAYS_WRITTEN = {
  attestations: ['predicateType', 'type'],
  rekor: ['url'],
  apiCall: ['urlPath'],
  service: ['caBundle'],
}

function withZeroFields(value, key) {
  if (Array.isArray(value)) return value.map((item) => withZeroFields(item, key))
  if (value === null || typeof value !== 'object') return value
  const zero = (typeof key === 'string' && ALWAYS_WRITTEN[key] ? ALWAYS_WRITTEN[key] : []).map((name) => [name, ''])
  return {
    ...Object.fromEntries(zero),
    ...Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, name === 'attestor' ? item : withZeroFields(item, name)]),
    ),
  }
}
