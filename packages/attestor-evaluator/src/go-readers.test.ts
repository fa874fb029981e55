import { readFile } from 'node:fs/promises'
import {
  CheckError,
  digestOf,
  HeldPredicate,
  isJsonObject,
  type Json,
  parseDigest,
  payloadsInMemory,
} from '@verify-images/primitives'
import { describe, expect, test } from 'vitest'
import { parseEnvelope } from './cosign/envelope.ts'
import { parseSignatureManifest } from './cosign/signature-manifest.ts'
import { parseSimpleSigning } from './cosign/simple-signing.ts'
import { readStatement } from './cosign/statement.ts'

/** What the Go readers of cosign and Kyverno make of a document, recorded; see conformance/README.md. */
interface Row {
  readonly text: string
  /** Null where Go reports an error. */
  readonly value: Json
  readonly error?: string
}

async function recorded(name: string): Promise<readonly Row[]> {
  const url = new URL(`../../../conformance/go-readers/${name}.json`, import.meta.url)
  return JSON.parse(await readFile(url, 'utf8')) as readonly Row[]
}

const digest = parseDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

async function readByUs(read: () => Json | Promise<Json>): Promise<Json> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    return null
  }
}

/** Returns each row where we read something, with both results; what we refuse is stricter and safe. */
async function readRows(
  rows: readonly Row[],
  read: (bytes: Uint8Array) => Json | Promise<Json>,
): Promise<readonly (Row & { readonly ours: Json })[]> {
  const compared = await Promise.all(
    rows.map(async (row) => ({ ...row, ours: await readByUs(() => read(Buffer.from(row.text))) })),
  )
  // The recording does not keep the sign of zero.
  return JSON.parse(JSON.stringify(compared.filter(({ ours }) => ours !== null))) as typeof compared
}

describe('where Go reads a document and we do, both read the same', () => {
  test('Go and we read the same statements, with numbers as doubles', async () => {
    const rows = await recorded('statement')
    const both = await readRows(rows, async (bytes) => {
      const { type, predicate } = readStatement(
        await payloadsInMemory.read(bytes, 'predicate', 'the statement'),
        digest,
      )
      return { type, predicate: predicate instanceof HeldPredicate ? null : predicate }
    })
    // A predicate that is no object or string is refused after this reader.
    const relevant = both.filter(({ ours }) => {
      const predicate = isJsonObject(ours) ? ours['predicate'] : undefined
      return isJsonObject(predicate) || typeof predicate === 'string'
    })
    for (const { text, ours, value } of relevant) expect({ text, value: ours }).toEqual({ text, value })
    expect(relevant.length).toBeGreaterThan(150)
  })

  test('Go and we read the same payloads of signatures', async () => {
    const both = await readRows(await recorded('payload'), (bytes) => {
      const { annotations, ...signed } = parseSimpleSigning(bytes)
      return { ...signed, annotations: { ...annotations } }
    })
    for (const { text, ours, value } of both) expect({ text, value: ours }).toEqual({ text, value })
    expect(both.length).toBeGreaterThan(100)
  })

  test('Go and we read the same envelopes', async () => {
    const both = await readRows(await recorded('envelope'), async (bytes) => {
      const { payload, signatures } = await parseEnvelope(bytes, new AbortController().signal)
      return { payload: base64(payload), signatures: signatures.map(base64) }
    })
    for (const { text, ours, value } of both) expect({ text, value: ours }).toEqual({ text, value })
    expect(both.length).toBeGreaterThan(150)
  })

  test('Go and we read the same manifests of signatures', async () => {
    const both = await readRows(await recorded('manifest'), (bytes) =>
      parseSignatureManifest({
        bytes,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: digestOf(bytes),
      }).layers.map(({ descriptor: { digest: of, size, mediaType }, annotations }) => ({
        ...{ digest: of, size, mediaType },
        annotations: Object.fromEntries(annotations),
      })),
    )
    for (const { text, ours, value, error } of both) {
      if (error === undefined) expect({ text, value: ours }).toEqual({ text, value })
      // `reg-other-digests` of docs/differences.md
      else expect(error).toBe('unsupported hash: "sha512"')
    }
    expect(both.length).toBeGreaterThan(100)
  })
})
