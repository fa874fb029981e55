import { describe, expect, test } from 'vitest'
import { createImageVerifier } from '../../create-image-verifier.ts'
import { podOf, policyOf } from '../../testing/policies.ts'
import type { ResourceVerdict } from '../../verdict/verdict.ts'

/** A rule with these context entries, of which a precondition mentions the first. */
async function judge(context: readonly object[], rule: object = {}): Promise<ResourceVerdict> {
  const mention = {
    all: [
      { key: `{{ first${'configMap' in (context[0] ?? {}) ? '.data.a' : ''} }}`, operator: 'Equals', value: 'never' },
    ],
  }
  const policies = policyOf([{ imageReferences: ['*'], mutateDigest: false, verifyDigest: false, required: false }], {
    rule: { context, preconditions: mention, ...rule },
  })
  const kubernetes = {
    read: () => Promise.resolve(undefined),
    globalEntry: () => Promise.resolve(undefined),
    call: () => Promise.reject(new Error('nobody is to be called')),
  }
  return createImageVerifier({
    policies,
    kubernetes,
    registry: {
      openSession: () => ({
        fetchManifest: () => Promise.reject(new Error('GET none')),
        cost: { total: 0, byHost: {} },
      }),
    } as never,
  }).verifyResource(podOf('registry.test/app:1'))
}

describe("a context entry that cannot be loaded has Kyverno's text", () => {
  test.each<[string, object, string]>([
    [
      'a variable of a path',
      { variable: { jmesPath: 'request.nothing' } },
      'failed to apply jmespath request.nothing to variable <nil>: ',
    ],
    [
      'a variable of a path in a value',
      { variable: { value: { a: 1 }, jmesPath: 'b.c' } },
      'failed to apply jmespath b.c to variable <nil>: ',
    ],
    [
      'a value of variables',
      { variable: { value: '{{ request.nothing }}' } },
      'failed to substitute variables in context entry first {{ request.nothing }}: ',
    ],
    [
      'a default of variables',
      { variable: { jmesPath: 'a', default: '{{ request.nothing }}' } },
      'failed to substitute variables in context entry first {{ request.nothing }}: ',
    ],
    [
      'a ConfigMap of variables',
      { configMap: { name: '{{ request.nothing }}', namespace: 'b' } },
      'failed to retrieve config map for context entry first: failed to substitute variables in context ' +
        'first configMap.name {{ request.nothing }}: ',
    ],
    [
      'a ConfigMap that is not there',
      { configMap: { name: 'a', namespace: 'b' } },
      'failed to retrieve config map for context entry first: failed to get configmap b/a : configmaps "a" not found',
    ],
    [
      'an image of no name',
      { imageRegistry: { reference: '{{ request.object.metadata.name }}B' } },
      'failed to fetch image descriptor: appB, error: failed to fetch image descriptor: appB, error: failed ' +
        'to parse image reference: appB, error: ',
    ],
    [
      'an image that does not exist',
      { imageRegistry: { reference: 'registry.test/none' } },
      'failed to fetch image descriptor: registry.test/none, error: failed to fetch image descriptor: ' +
        'registry.test/none, error: failed to fetch image reference: registry.test/none, error: GET none',
    ],
    [
      'a global entry that is not there',
      { globalReference: { name: 'a.b' } },
      'failed to marshal APICall data for context entry first: failed to fetch entry key=a',
    ],
  ])('%s', async (_, source, text) => {
    const [row] = (await judge([{ name: 'first', ...source }])).rules
    expect(row).toMatchObject({ status: 'error', code: 'CONDITION_VARIABLE_UNRESOLVED' })
    expect(row?.message).toContain(text)
  })
})

test('a context entry that failed stays failed: a default does not replace it in later expressions', async () => {
  const context = [{ name: 'first', variable: { jmesPath: 'request.nothing' } }]
  const reportProperties = { told: '{{ first }}' }
  const preconditions = { all: [{ key: 'a', operator: 'Equals', value: 'a' }] }
  const verdict = await judge(context, { reportProperties, preconditions })
  expect(verdict.rules).toMatchObject([
    {
      status: 'error',
      message: expect.stringContaining('failed to substitute variables') as unknown,
      reasons: [{ difference: 'ctx-failure-stays' }],
    },
  ])
})

test('the default of an apiCall is used without a reader, and if the call fails', async () => {
  for (const apiCall of [{ default: 'b' }, { urlPath: '/api/v1/namespaces', default: 'b' }]) {
    expect((await judge([{ name: 'first', apiCall }])).rules).toMatchObject([
      { status: 'skip', message: 'preconditions not met' },
    ])
  }
  expect((await judge([{ name: 'first', apiCall: { urlPath: '/api/v1/namespaces' } }])).rules).toMatchObject([
    { status: 'error' },
  ])
})
