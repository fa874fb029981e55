// The policies of a guide to image verification with Kyverno, each with an image that it admits and one that it refuses.
// They are as the guide has them, but for the keys, which are those of a signing world on loopback.
import { createImageVerifier, explain, fixedObjects, parsePolicies, type ResourceVerdict } from '@verify-images/core'
import {
  createSigningWorld,
  githubWorkflow,
  vulnerabilities,
  type SigningKey,
  type SigningWorld,
  type SigningWorldOptions,
  type TestImage,
} from '@verify-images/testing'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const HOST = 'registry.local:5000'

interface Case {
  /** `policies/<name>.yaml` */
  readonly policy: string
  readonly admits: (world: SigningWorld) => TestImage
  readonly refuses: (world: SigningWorld) => TestImage
  /** With the failure action Audit the second image is admitted, too: the verdict and the report say what is wrong. */
  readonly audits?: true
}

/** Answers requests for `private/…` only with the credential of the Secret. */
const options: SigningWorldOptions = {
  faults: ({ path, headers }) =>
    path.startsWith('/v2/private/') && headers.authorization !== `Basic ${btoa('u:p')}`
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="guide"' } }
      : undefined,
}

export const createGuideWorld = (): Promise<SigningWorld> => createSigningWorld(options)

const unsigned = (world: SigningWorld): TestImage => world.image(`${HOST}/app:unsigned`)
const signed = (world: SigningWorld): TestImage => world.image(`${HOST}/app:signed`).signedBy(first(world))
/** The guide's policies name one key, or two. */
const first = (world: SigningWorld): SigningKey => world.key('first')
const second = (world: SigningWorld): SigningKey => world.key('second')

export const CASES: readonly Case[] = [
  { policy: 'inline-key', admits: signed, refuses: unsigned },
  { policy: 'key-in-secret', admits: signed, refuses: unsigned },
  {
    policy: 'keyless',
    admits: (world) => world.image(`${HOST}/app:built`).signedKeylessly(githubWorkflow({ repository: 'acme/app' })),
    refuses: unsigned,
  },
  {
    policy: 'two-signatures',
    admits: (world) => world.image(`${HOST}/app:both`).signedBy(first(world)).signedBy(second(world)),
    refuses: (world) => world.image(`${HOST}/app:one`).signedBy(first(world)),
  },
  {
    policy: 'vulnerability-scan',
    admits: (world) => world.image(`${HOST}/app:clean`).attestedBy(first(world), vulnerabilities({ high: 2 })),
    refuses: (world) => world.image(`${HOST}/app:bad`).attestedBy(first(world), vulnerabilities({ critical: 1 })),
  },
  {
    policy: 'mixed-registries',
    admits: (world) => world.image(`${HOST}/team/service:1`).signedBy(first(world)),
    refuses: unsigned,
  },
  {
    policy: 'private-registry',
    admits: (world) => world.image(`${HOST}/private/app:signed`).signedBy(first(world)),
    refuses: (world) => world.image(`${HOST}/private/app:unsigned`),
  },
  { policy: 'audit', admits: signed, refuses: unsigned, audits: true },
]

/** Returns a policy with the keys of the world: the first one in its text is `first`, the other `second`. */
export async function loadPolicy(world: SigningWorld, name: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'policies', `${name}.yaml`), 'utf8')
  const known = new Map<string, SigningKey>()
  return text.replace(/^( +)-----BEGIN PUBLIC KEY-----\n.*?-----END PUBLIC KEY-----$/gms, (pem, indent: string) => {
    const key = known.get(pem) ?? (known.size === 0 ? first(world) : second(world))
    known.set(pem, key)
    return key.publicKey.trim().replace(/^/gm, indent)
  })
}

/** The Secrets that two of the policies name. */
function secrets(world: SigningWorld): readonly object[] {
  const secret = (name: string, type: string, stringData: object): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'kyverno' },
    type,
    stringData,
  })
  return [
    secret('cosign-pub', 'Opaque', { 'cosign.pub': first(world).publicKey }),
    secret('registry-credentials', 'kubernetes.io/dockerconfigjson', {
      '.dockerconfigjson': JSON.stringify({ auths: { [HOST]: { username: 'u', password: 'p' } } }),
    }),
  ]
}

export async function verify(world: SigningWorld, policy: string, image: TestImage): Promise<ResourceVerdict> {
  const verifier = createImageVerifier({
    policies: parsePolicies(await loadPolicy(world, policy), { source: `policies/${policy}.yaml` }),
    registry: world.registryClient(),
    kubernetes: fixedObjects(secrets(world)),
    trust: world.trust,
    clock: world.clock,
  })
  return verifier.verifyResource({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', namespace: 'default' },
    spec: { containers: [{ name: 'main', image: image.reference }] },
  })
}

export async function guide(print: (line: string) => void): Promise<void> {
  const world = await createGuideWorld()
  try {
    for (const { policy, admits, refuses } of CASES) {
      print(`policies/${policy}.yaml`)
      for (const image of [admits(world), refuses(world)])
        print(explain(await verify(world, policy, image)).replace(/^/gm, '  '))
    }
  } finally {
    await world.close()
  }
}

if (import.meta.main) await guide((line) => process.stdout.write(`${line}\n`))
