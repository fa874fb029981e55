import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { KubernetesReader } from '../kubernetes.ts'
import { recordKeys, recordReader, replayKeys, replayReader, type LookUps } from './lookups.ts'

const SECRET = 'aHVudGVyMg=='
const signal = new AbortController().signal
const secret = { metadata: { name: 'a' }, type: 'Opaque', data: { password: SECRET } }
const configMap = { kind: 'ConfigMap', metadata: { name: 'a' }, data: { frozen: 'no' } }
const call = (path: string): Parameters<NonNullable<KubernetesReader['call']>>[0] => ({
  target: 'kubernetes',
  method: 'GET',
  path,
})

/** What is written of the answers of a reader. */
async function written(reader: Partial<KubernetesReader>, ask: (reader: KubernetesReader) => unknown): Promise<string> {
  const lookUps: LookUps = new Map()
  await ask(recordReader({ read: () => Promise.resolve(undefined), ...reader }, lookUps))
  return JSON.stringify([...lookUps])
}

describe('no value of a Secret is written, wherever it was found', () => {
  test.each<[string, unknown]>([
    ['a Secret', { kind: 'Secret', ...secret }],
    ['a list of Secrets', { kind: 'SecretList', items: [secret] }],
    ['a list of objects of several kinds', { kind: 'List', items: [configMap, { kind: 'Secret', ...secret }] }],
    ['Secrets of a list that do not say their kind', [secret]],
    ['a Secret within another object', { found: { here: secret } }],
  ])('%s in the answer of a call or a global entry is not written', async (_, answer) => {
    const reader = { call: () => Promise.resolve(answer), globalEntry: () => Promise.resolve(answer) }
    // The path is decoded by the API server only.
    const path = '/api/v1/namespaces/default/%73ecrets/a'
    expect(await written(reader, ({ call: ask }) => ask?.(call(path), signal))).not.toContain(SECRET)
    expect(await written(reader, ({ globalEntry }) => globalEntry?.('entry', signal))).not.toContain(SECRET)
  })

  test('a projection of a global entry of Secrets, or of one that cannot be read, is not written', async () => {
    const entries: Record<string, unknown> = { secrets: [secret], 'secrets.first': SECRET, 'gone.first': SECRET }
    const globalEntry = (name: string): Promise<unknown> =>
      name in entries ? Promise.resolve(entries[name]) : Promise.reject(new Error('no such entry'))
    for (const name of ['secrets.first', 'gone.first'])
      expect(await written({ globalEntry }, (reader) => reader.globalEntry?.(name, signal))).not.toContain(SECRET)
  })

  test('control: answers without Secrets are written', async () => {
    const globalEntry = (name: string): Promise<unknown> => Promise.resolve(name === 'maps' ? [configMap] : 'no')
    for (const name of ['maps', 'maps.first'])
      expect(await written({ globalEntry }, (reader) => reader.globalEntry?.(name, signal))).toContain('no')
    const reader = { call: () => Promise.resolve({ kind: 'List', items: [configMap] }) }
    expect(await written(reader, ({ call: ask }) => ask?.(call('/api/v1/configmaps'), signal))).toContain('frozen')
  })
})

test('a Secret that was there is there when it is replayed, without its values', async () => {
  const lookUps: LookUps = new Map()
  const reader = recordReader({ read: (kind) => Promise.resolve(kind === 'Secret' ? secret : configMap) }, lookUps)
  await reader.read('Secret', 'default', 'a', signal)
  await reader.read('ConfigMap', 'default', 'a', signal)
  const replayed = replayReader(lookUps)
  expect(await replayed.read('Secret', 'default', 'a', signal)).toEqual({ kind: 'Secret' })
  expect(await replayed.read('ConfigMap', 'default', 'a', signal)).toEqual(configMap)
  await expect(replayed.read('Secret', 'default', 'b', signal)).rejects.toThrow('the snapshot has no answer')
})

describe('of a key only its public part is written', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const source = { kind: 'kubernetes-secret', namespace: 'default', name: 'cosign' } as const

  async function recorded(pem: string): Promise<LookUps> {
    const lookUps: LookUps = new Map()
    const keys = recordKeys({ resolveKey: () => Promise.resolve(pem) }, lookUps)
    expect(await keys.resolveKey(source, signal)).toBe(pem)
    return lookUps
  }

  test.each([
    ['a private key', privateKey],
    ['a private key beside the public one', `${publicKey}${privateKey}`],
    ['a password', 'hunter2'],
  ])('%s in place of a public key is not written', async (_, pem) => {
    expect([...(await recorded(pem))]).toEqual([])
  })

  test('text around a public key is not written', async () => {
    const lookUps = await recorded(`hunter2\n${publicKey}`)
    expect(JSON.stringify([...lookUps])).not.toContain('hunter2')
  })

  test('control: a public key is written', async () => {
    expect(await replayKeys(await recorded(publicKey)).resolveKey(source, signal)).toBe(publicKey)
  })
})
