import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeCanonicalBase64,
  decodeDsseSignature,
  decodeGoBase64,
  decodeProtobufBase64,
} from '@verify-images/primitives'
import { readDocuments } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'

/** What Go programs read, recorded; see conformance/README.md. */
async function recorded<Row>(name: string): Promise<readonly Row[]> {
  return JSON.parse(await readFile(join(import.meta.dirname, 'go-readers', name), 'utf8')) as readonly Row[]
}

interface Base64Row {
  readonly text: string
  /** The bytes in hex; null where Go reports an error. */
  readonly standard: string | null
  readonly dsse: string | null
  readonly protobuf: string | null
}

test('reads base64 as the Go program of each dialect does', async () => {
  const rows = await recorded<Base64Row>('base64.json')
  const hex = (bytes: Buffer | undefined): string | null => bytes?.toString('hex') ?? null
  const ours = rows.map(({ text }) => ({
    text,
    standard: hex(decodeGoBase64(text)),
    dsse: hex(decodeDsseSignature(text)),
    protobuf: hex(decodeProtobufBase64(text)),
  }))
  expect(ours).toEqual(rows)
  // Each dialect takes and refuses many of them, so the comparison is not of refusals only.
  for (const dialect of ['standard', 'dsse', 'protobuf'] as const) {
    expect(rows.filter((row) => row[dialect] === null).length).toBeGreaterThan(20)
    expect(rows.filter((row) => row[dialect] !== null).length).toBeGreaterThan(20)
  }
})

test('the canonical decoder reads nothing that Go does not, and one spelling of each byte string', async () => {
  const rows = await recorded<Base64Row>('base64.json')
  const read = rows.flatMap(({ text, standard }) => {
    const bytes = decodeCanonicalBase64(text)
    return bytes === undefined ? [] : [{ bytes: bytes.toString('hex'), standard }]
  })
  expect(read.every(({ bytes, standard }) => bytes === standard)).toBe(true)
  expect(new Set(read.map(({ bytes }) => bytes)).size).toBe(read.length)
})

interface PolicyRow {
  readonly text: string
  /** What it is as JSON; null where Go reports an error. */
  readonly json: string | null
  /** Recorded as read here although Go refuses it, such as a surrogate pair in a YAML escape. */
  readonly onlyWe?: true
}

test('reads a policy as the Kubernetes reader does, or refuses it', async () => {
  const rows = await recorded<PolicyRow>('policy.json')
  const counts = { same: 0, bothRefuse: 0, weRefuse: 0 }
  for (const { text, json, onlyWe = false } of rows) {
    const ours = readOrRefuse(text)
    if (ours === undefined) counts[json === null ? 'bothRefuse' : 'weRefuse']++
    else if (json === null) expect([text, onlyWe]).toEqual([text, true])
    else {
      expect([text, ours]).toEqual([text, JSON.parse(json)])
      counts.same++
    }
  }
  expect(counts).toEqual({ same: 260, bothRefuse: 120, weRefuse: 160 })
})

function readOrRefuse(text: string): unknown {
  try {
    return readDocuments(text)[0]?.value
  } catch (error) {
    expect(error).toMatchObject({ name: 'PolicyError' })
    return undefined
  }
}
