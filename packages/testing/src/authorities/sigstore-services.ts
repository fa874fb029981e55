import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { base64 } from '../formats/dsse.ts'
import { identityExtensions, type KeylessIdentity } from './keyless-identity.ts'
import { CERTIFICATE_LIFETIME_MS, EMPTY_NAME, type SigstoreInstance } from './sigstore-instance.ts'

/** The HTTP services of a Sigstore instance on loopback, as the `sigstore` client calls them. */
export interface SigstoreServices {
  /** Fulcio, Rekor v1 and the timestamp authority have one address; their paths differ. */
  readonly url: string
  /** An identity token that Fulcio takes. Only this instance does: it is not signed. */
  readonly identityToken: (identity: KeylessIdentity) => string
  readonly close: () => Promise<void>
}

/** Starts the services of an instance; what they issue is dated `at`. */
export async function startSigstoreServices(instance: SigstoreInstance, at: Date): Promise<SigstoreServices> {
  const identities = new Map<string, KeylessIdentity>()
  const services: Readonly<Record<string, (request: Json) => Answer>> = {
    '/api/v2/signingCert': (request) => issueCertificate(instance, identities, request, at),
    '/api/v1/log/entries': (request) => addEntry(instance, request, at),
    '/api/v1/timestamp': (request) => timestamp(instance, request, at),
  }
  const server = createServer((request, response) => {
    const service = Object.hasOwn(services, request.url ?? '') ? services[request.url ?? ''] : undefined
    answer(request, response, service).catch((error: unknown) => void response.writeHead(400).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${String(port)}`,
    identityToken: (identity) => {
      const token = unsignedToken(identity)
      identities.set(token, identity)
      return token
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  service: ((request: Json) => Answer) | undefined,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  if (service === undefined) return void response.writeHead(404).end()
  const { status, type, body } = service(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json)
  response.writeHead(status, { 'content-type': type }).end(body)
}

/** The client reads the subject from the token and signs it with its new key. */
function unsignedToken({ subject, issuer }: KeylessIdentity): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return [part({ alg: 'none' }), part({ iss: issuer, sub: subject }), ''].join('.')
}

/** @see Fulcio, fulcio.proto: CreateSigningCertificate */
function issueCertificate(
  { authority, certificateLog }: SigstoreInstance,
  identities: ReadonlyMap<string, KeylessIdentity>,
  request: Json,
  at: Date,
): Answer {
  const identity = identities.get(textAt(request, 'credentials', 'oidcIdentityToken'))
  if (identity === undefined) return { status: 401, type: 'text/plain', body: 'unknown identity token' }
  const pem = textAt(request, 'publicKeyRequest', 'publicKey', 'content')
  const proof = Buffer.from(textAt(request, 'publicKeyRequest', 'proofOfPossession'), 'base64')
  const key = createPublicKey(pem)
  if (!verify('sha256', Buffer.from(identity.subject), key, proof))
    return { status: 400, type: 'text/plain', body: 'the proof of possession is not by this key' }
  const { leaf, issuers } = authority.issue(
    { spki: key.export({ type: 'spki', format: 'der' }) },
    {
      subject: EMPTY_NAME,
      notBefore: at,
      notAfter: new Date(at.getTime() + CERTIFICATE_LIFETIME_MS),
      extensions: identityExtensions(identity),
      log: certificateLog,
    },
  )
  return json(200, {
    signedCertificateEmbeddedSct: { chain: { certificates: [leaf, ...issuers].map((each) => each.pem) } },
  })
}

/** @see Rekor, openapi.yaml: createLogEntry, of the kind dsse */
function addEntry({ rekor }: SigstoreInstance, request: Json, at: Date): Answer {
  const uploaded = textAt(request, 'spec', 'proposedContent', 'envelope')
  const [verifier = ''] = textsAt(request, 'spec', 'proposedContent', 'verifiers')
  const envelope = JSON.parse(uploaded) as Json
  const [signature] = arrayAt(envelope, 'signatures')
  const entry = rekor.add(
    {
      entry: 'dsse',
      signature: Buffer.from(textAt(signature ?? null, 'sig'), 'base64'),
      signer: { kind: 'certificate', der: certificateOf(verifier), key: 'P-256' },
      content: {
        envelope: {
          payloadType: textAt(envelope, 'payloadType'),
          payload: Buffer.from(textAt(envelope, 'payload'), 'base64'),
        },
        uploaded: Buffer.from(uploaded),
      },
    },
    new Date(at.getTime() + 1000),
  )
  const { logIndex, logId, body, integratedTime = 0, promise = new Uint8Array(), proof } = entry
  const uuid = createHash('sha256').update(Uint8Array.of(0)).update(body.bytes).digest('hex')
  return json(201, {
    [uuid]: {
      body: base64(body.bytes),
      integratedTime,
      logID: Buffer.from(logId).toString('hex'),
      logIndex,
      verification: {
        signedEntryTimestamp: base64(promise),
        inclusionProof: {
          logIndex: proof.leafIndex,
          rootHash: Buffer.from(proof.rootHash).toString('hex'),
          treeSize: proof.treeSize,
          hashes: proof.hashes.map((hash) => Buffer.from(hash).toString('hex')),
          checkpoint: proof.checkpoint,
        },
      },
    },
  })
}

function certificateOf(verifier: string): Uint8Array {
  return new X509Certificate(Buffer.from(verifier, 'base64')).raw
}

/** @see sigstore/timestamp-authority, openapi.yaml: getTimestampResponse with a JSON request */
function timestamp({ timestampAuthority }: SigstoreInstance, request: Json, at: Date): Answer {
  const digest = Buffer.from(textAt(request, 'artifactHash'), 'base64')
  const body = timestampAuthority.timestampDigest(digest, new Date(at.getTime() + 1000))
  return { status: 201, type: 'application/timestamp-reply', body }
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) }
}

function at(value: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((found, key) => (isJsonObject(found) ? ownMember(found, key) : undefined), value)
}

function textAt(value: Json, ...path: readonly string[]): string {
  const found = at(value, path)
  if (typeof found !== 'string') throw new RangeError(`expected a string at ${path.join('.')}`)
  return found
}

function arrayAt(value: Json, ...path: readonly string[]): readonly Json[] {
  const found = at(value, path)
  if (!Array.isArray(found)) throw new RangeError(`expected an array at ${path.join('.')}`)
  return found
}

function textsAt(value: Json, ...path: readonly string[]): readonly string[] {
  return arrayAt(value, ...path).map((each) => (typeof each === 'string' ? each : ''))
}
