// How long one evaluation of typical conditions takes, compiled once and compiled each time.
//
//   node bench/condition.bench.mjs [rounds]
//
// Times differ between machines; the ratio is what to look at.
import { registerHooks } from 'node:module'

// Runs from source, as the tests do.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, { ...context, conditions: [...context.conditions, '@verify-images/source'] }),
})
const { compileConditions, createExpressionCache, createQueryContext, evaluateConditions } =
  await import('../src/index.ts')

const rounds = Number(process.argv[2] ?? 20_000)
const data = {
  request: {
    operation: 'CREATE',
    namespace: 'prod',
    object: {
      metadata: { name: 'app', labels: { app: 'web' } },
      spec: {
        replicas: 3,
        containers: [
          { name: 'a', image: 'ghcr.io/acme/a:1' },
          { name: 'b', image: 'ghcr.io/acme/b:1' },
        ],
      },
    },
  },
  scanner: { critical: 0, finished: '2026-11-23T00:00:00Z' },
  builder: { id: 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3' },
}
const conditions = {
  'equals, literal value': [{ key: '{{ request.namespace }}', operator: 'Equals', value: 'prod' }],
  wildcard: [{ key: '{{ builder.id }}', operator: 'Equals', value: 'https://github.com/acme/app/*@refs/tags/v*' }],
  'any in a list': [{ key: '{{ request.operation }}', operator: 'AnyIn', value: ['CREATE', 'UPDATE'] }],
  number: [{ key: '{{ scanner.critical }}', operator: 'LessThan', value: 1 }],
  duration: [{ key: "{{ time_diff(scanner.finished, '2026-11-24T00:00:00Z') }}", operator: 'LessThan', value: '168h' }],
  projection: [{ key: '{{ request.object.spec.containers[].image }}', operator: 'AllIn', value: ['ghcr.io/acme/*'] }],
  'default, nested, text': [
    {
      key: "{{ request.object.metadata.labels.missing || 'none' }}-{{ request.object.metadata.{{ 'name' }} }}",
      operator: 'NotEquals',
      value: 'x',
    },
  ],
  'any and all of five': {
    any: [
      { key: '{{ request.namespace }}', operator: 'Equals', value: 'dev' },
      { key: '{{ request.namespace }}', operator: 'Equals', value: 'prod' },
    ],
    all: [
      { key: '{{ request.operation }}', operator: 'AnyIn', value: ['CREATE', 'UPDATE'] },
      { key: '{{ request.object.metadata.labels.app }}', operator: 'NotEquals', value: 'db' },
      { key: '{{ request.object.spec.replicas }}', operator: 'GreaterThan', value: 1 },
    ],
  },
}

/** Microseconds of one call: the median of ten batches, after a warm-up. */
function measure(run) {
  for (let i = 0; i < rounds / 10; i++) run()
  const batches = Array.from({ length: 10 }, () => {
    const started = performance.now()
    for (let i = 0; i < rounds / 10; i++) run()
    return ((performance.now() - started) * 1_000) / (rounds / 10)
  })
  return batches.toSorted((left, right) => left - right)[5]
}

console.log('condition'.padEnd(26), 'once µs'.padStart(9), 'each µs'.padStart(9), 'ratio'.padStart(7))
for (const [name, written] of Object.entries(conditions)) {
  const expressions = createExpressionCache()
  const compiled = compileConditions(written)
  // A context counts the work of all its queries, so every evaluation gets its own.
  const once = measure(() => compiled.evaluate(createQueryContext(data, { expressions })))
  const each = measure(() => evaluateConditions(written, createQueryContext(data)))
  console.log(
    name.padEnd(26),
    once.toFixed(1).padStart(9),
    each.toFixed(1).padStart(9),
    (each / once).toFixed(1).padStart(7),
  )
}
