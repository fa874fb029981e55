import type { Json, JsonObject } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { validatePolicy } from '../validate-policy.ts'

const OWNER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u' }

function problemsOf(metadata: JsonObject, kind = 'ClusterPolicy'): readonly string[] {
  const policy = { apiVersion: 'kyverno.io/v1', kind, metadata, spec: { rules: [] } }
  return validatePolicy(policy).errors.map(({ code, path }) => `${code} ${path.replace('metadata.', '')}`)
}

const named = (more: JsonObject): JsonObject => ({ name: 'p', ...more })
const annotated = (bytes: number): JsonObject => named({ annotations: { a: 'x'.repeat(bytes - 1) } })

test.each<[string, JsonObject]>([
  ['a name with dots', { name: 'signed.images' }],
  ['a generated name', { generateName: 'signed-' }],
  ['labels with and without a prefix', named({ labels: { app: 'web', 'example.com/team': 'a.b-c_1', empty: '' } })],
  [
    'an annotation with upper case in its prefix',
    named({ annotations: { 'Example.com/Note': 'any text at all: {}' } }),
  ],
  ['annotations of 256 KiB', annotated(256 * 1024)],
  ['a finalizer', named({ finalizers: ['example.com/wait'] })],
  ['an owner', named({ ownerReferences: [OWNER] })],
])('accepts metadata with %s', (_, metadata) => {
  expect(problemsOf(metadata)).toEqual([])
})

test.each<[string, JsonObject, string]>([
  ['no name', {}, 'POLICY_FIELD_MISSING name'],
  ['a name in upper case', { name: 'Signed' }, 'POLICY_FIELD_INVALID name'],
  ['a name that ends with a hyphen', { name: 'signed-' }, 'POLICY_FIELD_INVALID name'],
  ['an invalid label key', named({ labels: { '-app': 'web' } }), 'POLICY_FIELD_INVALID labels["-app"]'],
  ['an invalid label value', named({ labels: { app: 'a web' } }), 'POLICY_FIELD_INVALID labels.app'],
  ['a label value of 64 characters', named({ labels: { app: 'a'.repeat(64) } }), 'POLICY_FIELD_INVALID labels.app'],
  [
    'an annotation key with a space',
    named({ annotations: { 'a note': '' } }),
    'POLICY_FIELD_INVALID annotations["a note"]',
  ],
  ['annotations of more than 256 KiB', annotated(256 * 1024 + 1), 'POLICY_TOO_LARGE annotations'],
  ['a finalizer with a space', named({ finalizers: ['please wait'] }), 'POLICY_FIELD_INVALID finalizers[0]'],
])('rejects metadata with %s', (_, metadata, problem) => {
  expect(problemsOf(metadata)).toEqual([problem])
})

test('counts the bytes of annotations, and not their characters', () => {
  const half = 'é'.repeat(128 * 1024)
  expect(problemsOf(named({ annotations: { a: half } }))).toEqual(['POLICY_TOO_LARGE annotations'])
  expect(problemsOf(named({ annotations: { a: half.slice(1) } }))).toEqual([])
})

test.each(['apiVersion', 'kind', 'name', 'uid'])('rejects an owner with an empty %s', (field) => {
  const owners: Json = [OWNER, { ...OWNER, [field]: '' }]
  expect(problemsOf(named({ ownerReferences: owners }))).toEqual([`POLICY_FIELD_MISSING ownerReferences[1].${field}`])
})

test('a Policy needs a valid namespace, and a ClusterPolicy has none', () => {
  expect(problemsOf(named({ namespace: 'team' }), 'Policy')).toEqual([])
  expect(problemsOf(named({ namespace: 'team.a' }), 'Policy')).toEqual(['POLICY_FIELD_INVALID namespace'])
  expect(problemsOf(named({ namespace: 'team' }))).toEqual(['POLICY_FIELD_CONFLICT namespace'])
})
