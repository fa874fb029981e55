import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { KubeConfig } from '@kubernetes/client-node'
import { createTlsCertificate } from '@verify-images/testing'
import { freePort } from '../../testing/free-port.ts'

/** An answer of the API server. */
export interface ApiAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface ApiRequest {
  readonly body?: object
  /** `application/json` by default; patches have types of their own. */
  readonly type?: string
  /** Who asks: an administrator by default. */
  readonly as?: string
}

/** A kube-apiserver with an etcd of its own. */
export interface ApiServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string
  readonly certificate: string
  readonly send: (method: string, path: string, options?: ApiRequest) => Promise<ApiAnswer>
  /** A kubeconfig of the administrator, for this server or for a proxy in front of it. */
  readonly config: (url?: string) => KubeConfig
  readonly close: () => Promise<void>
}

/**
 * Returns the folder of the convention of controller-runtime's envtest, which `setup-envtest use -p path` prints;
 * without one, says that the tests are skipped.
 *
 * @see https://book.kubebuilder.io/reference/envtest
 */
export function findAssets(): string | undefined {
  const folder = process.env['KUBEBUILDER_ASSETS'] ?? ''
  if (['etcd', 'kube-apiserver'].every((name) => existsSync(join(folder, name)))) return folder
  console.warn('SKIPPED: no API server; set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver')
  return undefined
}

export async function startApiServer(assets: string): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'api-server-'))
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
  const { key, cert } = createTlsCertificate({ host: '127.0.0.1' })
  const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const token = randomUUID()
  const files = {
    'tls.key': key,
    'tls.crt': cert,
    'accounts.key': accounts.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'tokens.csv': `${token},admin,admin,system:masters\n`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const children = [
    run(assets, folder, 'etcd', [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${String(etcdPort)}`,
      `--advertise-client-urls=http://127.0.0.1:${String(etcdPort)}`,
      `--listen-peer-urls=http://127.0.0.1:${String(peerPort)}`,
      '--unsafe-no-fsync',
    ]),
    run(assets, folder, 'kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${String(etcdPort)}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${String(port)}`,
      `--tls-cert-file=${join(folder, 'tls.crt')}`,
      `--tls-private-key-file=${join(folder, 'tls.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'accounts.key')}`,
      `--service-account-signing-key-file=${join(folder, 'accounts.key')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      // There is no controller that makes service accounts.
      '--disable-admission-plugins=ServiceAccount',
      `--cert-dir=${join(folder, 'certs')}`,
    ]),
  ]
  const url = `https://127.0.0.1:${String(port)}`
  const send: ApiServer['send'] = (method, path, { body, type = 'application/json', as } = {}) =>
    ask(
      method,
      `${url}${path}`,
      cert,
      {
        authorization: `Bearer ${token}`,
        ...(as === undefined ? {} : { 'impersonate-user': as }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body,
    )
  const close = async (): Promise<void> => {
    for (const child of children.toReversed()) await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(send)
  } catch (cause) {
    const logs = await Promise.all(
      ['etcd', 'kube-apiserver'].map((name) => readFile(join(folder, `${name}.log`), 'utf8')),
    )
    await close()
    throw new Error(`the API server did not start: ${logs.map((text) => text.slice(-2_000)).join('\n')}`, { cause })
  }
  const config = (server: string = url): KubeConfig => {
    const made = new KubeConfig()
    const caData = Buffer.from(cert).toString('base64')
    made.loadFromClusterAndUser({ name: 'c', server, caData, skipTLSVerify: false }, { name: 'admin', token })
    return made
  }
  return { url, certificate: cert, send, config, close }
}

function run(assets: string, folder: string, name: string, args: readonly string[]): ChildProcess {
  const child = spawn(join(assets, name), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const log = createWriteStream(join(folder, `${name}.log`))
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}

async function untilReady(send: ApiServer['send']): Promise<void> {
  const deadline = performance.now() + START_MS
  for (;;) {
    const answer = await send('GET', '/api/v1/namespaces/default').catch((error: unknown) => error)
    if (typeof answer === 'object' && answer !== null && Reflect.get(answer, 'status') === 200) return
    if (performance.now() > deadline) throw new Error('not ready in time', { cause: answer })
    await delay(200)
  }
}

/** On a busy machine, the first start takes most of a minute. */
export const START_MS = 120_000

function ask(
  method: string,
  url: string,
  ca: string,
  headers: Readonly<Record<string, string>>,
  body: object | undefined,
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    // Node sends the body of a DELETE without one.
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    const sent = request(
      url,
      { method, ca, headers: { accept: 'application/json', ...length, ...headers } },
      (response) => {
        let answer = ''
        response.on('data', (chunk) => void (answer += String(chunk)))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: bodyOf(answer) }))
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })
}

function bodyOf(text: string): ApiAnswer['body'] {
  try {
    return Object(JSON.parse(text))
  } catch {
    return { text }
  }
}
