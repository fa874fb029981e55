import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value }

export interface TufKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly metadata: Value
}

/** Canonical JSON of TUF: sorted members, no blanks, and only quotes and backslashes escaped. */
function canonical(value: Value): string {
  if (typeof value === 'string') return `"${value.replace(/[\\"]/g, '\\$&')}"`
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => `${canonical(name)}:${canonical(inner)}`)
    .join(',')}}`
}

export function createTufKey(): TufKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex')
  const metadata = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } }
  return { id: createHash('sha256').update(canonical(metadata)).digest('hex'), privateKey, metadata }
}

/** Returns a signed TUF document. */
export function signMetadata(signed: { readonly [name: string]: Value }, keys: readonly TufKey[]): string {
  const bytes = Buffer.from(canonical(signed))
  return JSON.stringify({
    signed,
    signatures: keys.map(({ id, privateKey }) => ({ keyid: id, sig: sign(null, bytes, privateKey).toString('hex') })),
  })
}

const LATER = '2099-01-01T00:00:00Z'

export interface RootOptions {
  readonly version?: number
  readonly keys?: readonly TufKey[]
  readonly signers?: readonly TufKey[]
  readonly threshold?: number
  readonly keyIds?: readonly string[]
  readonly expires?: string
}

/** Returns a root whose keys sign all four roles. */
export function tufRoot(
  key: TufKey,
  { version = 1, keys = [key], signers = keys, threshold = 1, keyIds, expires = LATER }: RootOptions = {},
): string {
  const role = { keyids: keyIds ?? keys.map(({ id }) => id), threshold }
  return signMetadata(
    {
      _type: 'root',
      spec_version: '1.0.31',
      version,
      expires,
      consistent_snapshot: true,
      keys: Object.fromEntries(keys.map(({ id, metadata }) => [id, metadata])),
      roles: { root: role, timestamp: role, snapshot: role, targets: role },
    },
    signers,
  )
}

/** Returns the other three documents over one target, by the path a mirror serves them under. */
export function tufRelease(
  key: TufKey,
  target: string,
  {
    version = 1,
    expires = LATER,
    name = 'trusted_root.json',
  }: { readonly version?: number; readonly expires?: string; readonly name?: string } = {},
): Map<string, string> {
  const hash = createHash('sha256').update(target).digest('hex')
  const header = { spec_version: '1.0.31', version, expires }
  const targets = signMetadata(
    {
      _type: 'targets',
      ...header,
      targets: { [name]: { length: Buffer.byteLength(target), hashes: { sha256: hash } } },
    },
    [key],
  )
  const snapshot = signMetadata({ _type: 'snapshot', ...header, meta: { 'targets.json': { version } } }, [key])
  const timestamp = signMetadata({ _type: 'timestamp', ...header, meta: { 'snapshot.json': { version } } }, [key])
  return new Map([
    ['/timestamp.json', timestamp],
    [`/${version}.snapshot.json`, snapshot],
    [`/${version}.targets.json`, targets],
    [`/targets/${hash}.${name}`, target],
  ])
}

/** Starts a mirror on loopback; what it serves can be changed at any time. */
export async function startTufMirror(): Promise<{
  readonly url: string
  readonly files: Map<string, string>
  readonly asked: string[]
  close(): void
}> {
  const files = new Map<string, string>()
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const body = files.get(request.url ?? '')
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, files, asked, close: () => void server.close().closeAllConnections() }
}
