import type { Json, JsonObject } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import type { ClusterClient } from './cluster-client.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { MAX_EVENTS } from './limits.ts'
import { createEventWriter } from './policy-events.ts'

interface Written {
  readonly metadata: { readonly name: string }
  readonly note: string
}

function recordingClient(failure?: Error): { readonly client: ClusterClient; readonly written: Written[] } {
  const written: Written[] = []
  const client: ClusterClient = {
    send: ({ body }): Promise<Json> => {
      written.push(JSON.parse(JSON.stringify(body)))
      return failure === undefined ? Promise.resolve({}) : Promise.reject(failure)
    },
    read: () => Promise.resolve(undefined),
    watch: () => {
      throw new Error('expected no watch')
    },
  }
  return { client, written }
}

const version = (resourceVersion: string, uid = 'u'): JsonObject => ({
  kind: 'ClusterPolicy',
  metadata: { name: 'a', uid, resourceVersion },
})

test('names the Event of one version of a policy alike, and that of another version differently', async () => {
  const { client, written } = recordingClient()
  for (const object of [version('1'), version('1'), version('2'), version('1', 'other')])
    await createEventWriter(client, () => object)([{ source: 'ClusterPolicy/a', message: 'x' }])
  const names = written.map(({ metadata }) => metadata.name)
  expect(names[1]).toBe(names[0])
  expect(new Set(names).size).toBe(3)
})

test('cuts the note to what the API server allows, in bytes', async () => {
  const { client, written } = recordingClient()
  await createEventWriter(client, () => version('1'))([{ source: 'a', message: '€'.repeat(2_000) }])
  expect(Buffer.byteLength(written[0]?.note ?? '')).toBeLessThanOrEqual(1024)
  expect(written[0]?.note).toMatch(/^not in use: €/)
})

test('writes a bounded number of Events after a change', async () => {
  const { client, written } = recordingClient()
  const broken = Array.from({ length: MAX_EVENTS + 5 }, (_, i) => ({ source: `p${String(i)}`, message: 'x' }))
  await createEventWriter(client, () => version('1'))(broken)
  expect(written).toHaveLength(MAX_EVENTS)
})

test.each([
  new KubernetesError('KUBERNETES_REQUEST_FAILED', 'exists already', { status: 409 }),
  new DOMException('too late', 'TimeoutError'),
])('goes on with the next Event after the failure "%s"', async (failure) => {
  const { client, written } = recordingClient(failure)
  const broken = ['a', 'b'].map((source) => ({ source, message: 'x' }))
  await createEventWriter(client, () => version('1'))(broken)
  expect(written).toHaveLength(2)
})
