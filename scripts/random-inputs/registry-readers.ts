// Readers of what a registry answers, and of the files and secrets that hold its credentials.

import fc from 'fast-check'
import { digestOf, type Json } from '../../packages/primitives/src/index.ts'
import { parseChallenges } from '../../packages/registry-fetcher/src/challenge.ts'
import {
  createRegistryClient,
  dockerConfig,
  fixed,
  type RegistryClient,
  pullSecrets,
  type RegistrySession,
} from '../../packages/registry-fetcher/src/index.ts'
import { parseAnswerErrors } from '../../packages/registry-fetcher/src/status-answer.ts'
import { changed, changedBytes, flipped, json, object, REFERENCE, spelled, text, word } from './arbitraries.ts'
import { reader, type Reader } from './reader.ts'

const HEX = 'a'.repeat(64)
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json'
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const LAYER: Json = { mediaType: 'application/octet-stream', digest: `sha256:${HEX}`, size: 2, annotations: { a: 'b' } }
const MANIFEST: Json = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config: LAYER, layers: [LAYER], subject: LAYER }
const MANIFEST_BYTES = Buffer.from(JSON.stringify(MANIFEST))
const INDEX: Json = {
  schemaVersion: 2,
  mediaType: INDEX_TYPE,
  manifests: [{ mediaType: MANIFEST_TYPE, digest: `sha256:${HEX}`, size: 2, artifactType: 'x', annotations: {} }],
}
const TOKEN: Json = { token: 't', access_token: 't', expires_in: 300, issued_at: '2026-01-01T00:00:00Z' }
const ERRORS: Json = { errors: [{ code: 'DENIED', message: 'm', detail: { a: 1 } }] }
const AUTHS: Json = {
  auths: { 'registry.test': { auth: 'dTpw', username: 'u', password: 'p', identitytoken: 't', email: 'e' } },
  credHelpers: { 'other.test': 'helper' },
  credsStore: 'store',
}

const contentType = fc.constantFrom(INDEX_TYPE, MANIFEST_TYPE, 'application/json', '')
const status = fc.oneof({ weight: 6, arbitrary: fc.constant(200) }, fc.constantFrom(202, 302, 400, 401, 403, 404, 500))
const headers = fc.record(
  {
    link: fc.constantFrom('</v2/app/referrers/x?n=1>; rel="next"', '<', '<https://b.test/>; rel=next'),
    location: fc.constantFrom('/v2/app/blobs/x', 'file:///x', 'https://127.0.0.1/', '//'),
    'docker-content-digest': fc.constantFrom(`sha256:${HEX}`, 'x'),
    'www-authenticate': fc.constantFrom('Basic', 'Bearer realm="https://registry.test/token",service="s"', 'Bearer'),
    'content-encoding': fc.constantFrom('gzip', 'identity'),
    'content-length': fc.constantFrom('2', '-1', 'x', '1e3'),
  },
  { requiredKeys: [] },
)

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const answerOf = (document: Json): fc.Arbitrary<Answer> =>
  fc.record({ status, headers, body: changedBytes(document), type: contentType }).map(({ type, ...answer }) => ({
    ...answer,
    headers: { ...answer.headers, 'content-type': type },
  }))

const contentOf = (content: Uint8Array): fc.Arbitrary<Answer> => fc.record({ status, headers, body: flipped(content) })

let answers: (url: string, isAuthorized: boolean) => Answer = () => ({
  status: 404,
  headers: {},
  body: new Uint8Array(),
})
const createClient = (): RegistryClient =>
  createRegistryClient({
    credentials: fixed('registry.test', { kind: 'basic', username: 'u', password: 'p' }),
    fetch: (url, init) => {
      const { status: code, headers: fields, body } = answers(url, Object.hasOwn(init.headers, 'authorization'))
      return Promise.resolve(new Response(Buffer.from(body), { status: code, headers: fields }))
    },
    limits: { tries: 1, retryDelayMs: 1 },
  })

const client = createClient()
const { signal } = new AbortController()
const REPOSITORY = 'registry.test/app'

/** Asks a registry whose every answer is this one. */
function ask<T>(answer: Answer, what: (session: RegistrySession) => Promise<T>): Promise<T> {
  answers = () => answer
  return what(client.openSession())
}

const TOKEN_URL = 'https://registry.test/token'

/** Asks a registry for a manifest that needs a token, which its own token server gives. */
function askWithToken(answer: Answer): Promise<unknown> {
  answers = (url, isAuthorized) => {
    if (url.startsWith(TOKEN_URL)) return answer
    if (isAuthorized) return { status: 200, headers: { 'content-type': MANIFEST_TYPE }, body: MANIFEST_BYTES }
    return { status: 401, headers: { 'www-authenticate': `Bearer realm="${TOKEN_URL}"` }, body: new Uint8Array() }
  }
  // A client keeps its tokens.
  return createClient().openSession().fetchManifest(REPOSITORY, '1', signal)
}

const SUBJECT = digestOf(Buffer.from('subject'))

export const REGISTRY_READERS: readonly Reader[] = [
  reader('manifest of a registry', answerOf(MANIFEST), (answer) =>
    ask(answer, (session) => session.fetchManifest(REPOSITORY, '1', signal)),
  ),
  reader('index of a registry', answerOf(INDEX), (answer) =>
    ask(answer, (session) => session.fetchManifest(REPOSITORY, '1', signal)),
  ),
  reader('referrers listing', answerOf(INDEX), (answer) =>
    ask(answer, (session) => session.listReferrers(REPOSITORY, SUBJECT, signal)),
  ),
  reader('blob', contentOf(Buffer.from('subject')), (answer) =>
    ask(answer, (session) => session.fetchBlob(REPOSITORY, { mediaType: 'x', digest: SUBJECT, size: 7 }, 100, signal)),
  ),
  reader('token answer', answerOf(TOKEN), (answer) => askWithToken(answer)),
  reader('errors of a registry', changedBytes(ERRORS), (body) => parseAnswerErrors(body)),
  reader(
    'challenge',
    fc.oneof(
      text,
      fc
        .array(fc.constantFrom('Bearer', 'Basic', ' ', ',', '=', '"', '\\', 'realm', 'x', '\t'))
        .map((all) => all.join('')),
    ),
    (header) => parseChallenges(header),
  ),
  reader(
    'Docker config',
    fc.oneof(
      object,
      fc.record({ auths: fc.dictionary(spelled(REFERENCE), json) }),
      changed(AUTHS).map((value) => JSON.stringify(value)),
      text,
    ),
    (value) => dockerConfig(value).credentialFor(REPOSITORY, signal),
  ),
  reader(
    'pull secrets',
    fc.tuple(fc.constantFrom('dockerconfigjson', 'dockercfg', 'x'), fc.oneof(changed(AUTHS), json), word),
    ([type, config, host]) =>
      pullSecrets([
        { type: `kubernetes.io/${type}`, stringData: { [`.${type}`]: JSON.stringify(config), [host]: host } },
      ]).credentialFor(REPOSITORY, signal),
  ),
]
