// The cases of the hostile bench. Each one fills the registry and returns the review that meets it, as data: it runs in
// the thread of the registry, so that making and serving the attack costs the verifier nothing.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { simpleSigning } from '@verify-images/testing'
import { der, makeCertificate, withKeys } from '@verify-images/testing/internal'

const MiB = 2 ** 20
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DSSE = 'application/vnd.dsse.envelope.v1+json'
const SCAN = 'https://example.test/scan'

const keys = (key) => ({ keys: { publicKeys: key.publicKey, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } })

export const policyOf = (entry) =>
  JSON.stringify({
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'signed' },
    spec: {
      validationFailureAction: 'Enforce',
      background: false,
      rules: [
        {
          name: 'check',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          verifyImages: [{ imageReferences: ['registry.test/*'], ...entry }],
        },
      ],
    },
  })
const signedBy = (key, more = {}) => policyOf({ attestors: [{ entries: [keys(key)] }], ...more })
const attestedBy = (key, conditions) =>
  policyOf({
    attestations: [
      { type: SCAN, attestors: [{ entries: [keys(key)] }], ...(conditions && { conditions: [{ all: conditions }] }) },
    ],
  })
const podOf = (images, spec = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace: 'default' },
  spec: { containers: images.map((image, i) => ({ name: `c${i}`, image })), ...spec },
})

const app = 'registry.test/app:1'
const sha256 = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const filled = (head, unit, tail, size) =>
  Buffer.concat([Buffer.from(head), Buffer.alloc(size - head.length - tail.length, unit), Buffer.from(tail)])
const keysObject = (size) => {
  const parts = []
  for (let length = 1, i = 0; length < size; i++) {
    const part = `${i === 0 ? '' : ','}"${i.toString(36)}":0`
    parts.push(part)
    length += part.length
  }
  return Buffer.from(`{${parts.join('')}}`)
}

/** Puts a blob that is stored as it is, and returns its descriptor. */
const blob = (world, mediaType, bytes) => ({ ...world.registry.putBlob(bytes), mediaType })
const attach = (world, image, suffix, layers) =>
  world.registry.putManifest(
    'app',
    { schemaVersion: 2, mediaType: MANIFEST, config: world.registry.putBlob('{}'), layers },
    { tag: `${image.digest.replace(':', '-')}.${suffix}` },
  )
/** An envelope whose payload is written in units of some characters. */
const envelopeOf = (unit, size) => {
  const head = '{"payloadType":"application/vnd.in-toto+json","payload":"'
  const tail = '","signatures":[{"sig":"AAAA"}]}'
  const room = size - head.length - tail.length
  return filled(head, unit, tail, size - (room % unit.length))
}
const attachment = (bytes) => (world) => {
  const image = world.image(app)
  attach(world, image, 'att', [blob(world, DSSE, bytes())])
  return { policies: [attestedBy(world.key('release'))], resource: podOf([app]) }
}

/** Serves referrers whose blobs are made while they are sent, so that their sum is not kept in memory. */
function bigReferrers(world, serve, { count, size, artifactType, mediaType }) {
  const image = world.image(app)
  const body = Buffer.alloc(size - 16, '{},')
  const makers = new Map()
  for (let i = 0; i < count; i++) {
    const head = Buffer.from(`{"x":${String(i).padStart(9, '0')},[`.slice(0, 16).padEnd(16, ' '))
    const digest = `sha256:${createHash('sha256').update(head).update(body).digest('hex')}`
    makers.set(digest, head)
    world.registry.putManifest('app', {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType,
      config: world.registry.putBlob('{}'),
      layers: [{ mediaType, digest, size: head.length + body.length }],
      subject: { mediaType: MANIFEST, digest: image.digest, size: image.descriptor.size },
    })
  }
  serve(({ path }) => {
    const head = makers.get(path.split('/blobs/')[1])
    async function* chunks() {
      yield head
      yield body
    }
    return head && { status: 200, headers: { 'content-length': String(size) }, body: chunks() }
  })
}

function rsaKey(bits) {
  const pair = generateKeyPairSync('rsa', { modulusLength: bits })
  return {
    ...withKeys(pair.privateKey, pair.publicKey, 'sha256'),
    algorithm: der.sequence(der.oid('1.2.840.113549.1.1.11'), der.null()),
  }
}

function chainLayers(world, image, { count, chain, leafKey }) {
  const { blob: payload, descriptor } = simpleSigning('registry.test/app', image.digest, world.key('mallory'))
  world.registry.repository('app').putBlob(payload)
  return Array.from({ length: count }, (_, i) => {
    const { leaf, issuers } = chain(i, leafKey)
    return {
      ...descriptor,
      annotations: {
        ...descriptor.annotations,
        'dev.sigstore.cosign/certificate': leaf.pem,
        'dev.sigstore.cosign/chain': issuers.map(({ pem }) => pem).join(''),
      },
    }
  })
}

const identity = (roots) => ({
  attestors: [
    {
      entries: [
        {
          keyless: {
            subject: '*',
            issuer: '*',
            roots,
            rekor: { url: 'https://rekor.test', ignoreTlog: true },
            ctlog: { ignoreSCT: true },
          },
        },
      ],
    },
  ],
})

export const CASES = {
  'pull secrets × containers': (world) => ({
    policies: [signedBy(world.key('release'))],
    resource: podOf(
      Array.from({ length: 12_000 }, () => app),
      { imagePullSecrets: Array.from({ length: 12_000 }, (_, i) => ({ name: `s${i}` })) },
    ),
    secrets: true,
  }),
  'patches × containers': (world) => {
    const images = Array.from({ length: 490 }, (_, i) => `registry.test/many:${i}`)
    for (const each of images) world.image(each).signedBy(world.key('release'))
    const others = Array.from({ length: 150_000 }, () => 'elsewhere.test/a')
    return { policies: [signedBy(world.key('release'))], resource: podOf([...images, ...others]) }
  },
  '32 MiB .att of keys': attachment(() => keysObject(32 * MiB - 100)),
  '32 MiB .att of {}': attachment(() => filled('[', '{},', '{}]', 32 * MiB)),
  '32 MiB .att of [': attachment(() => Buffer.alloc(32 * MiB, '[')),
  '16 MiB .att of escapes': attachment(() => envelopeOf(String.raw`\u0041`, 16 * MiB)),
  '16 MiB .att of line breaks': attachment(() => envelopeOf(String.raw`\n`, 16 * MiB)),
  '16 MiB .att of spaces': attachment(() => filled('{', ' ', '}', 16 * MiB)),
  '100 MiB .att of base64': attachment(() => envelopeOf('QUJD', 100 * MiB)),
  '8 MiB manifest of signatures': (world) => {
    const image = world.image(app)
    const { blob: payload, descriptor } = simpleSigning('registry.test/app', image.digest, world.key('mallory'))
    world.registry.repository('app').putBlob(payload)
    const annotations = { ...descriptor.annotations, 'dev.sigstore.cosign/chain': '\n'.repeat(3_700) }
    const layers = Array.from({ length: 1000 }, () => ({ ...descriptor, annotations }))
    attach(world, image, 'sig', layers)
    return { policies: [signedBy(world.key('release'))], resource: podOf([app]) }
  },
  '8 MiB manifest of [': (world, serve) => {
    world.image(app)
    const body = Buffer.alloc(8 * MiB, '[')
    serve(({ path }) =>
      path === '/v2/app/manifests/1' ? { body, headers: { 'docker-content-digest': sha256(body) } } : undefined,
    )
    return { policies: [signedBy(world.key('release'))], resource: podOf([app]) }
  },
  '50 bundles of 10 MB': (world, serve) => {
    bigReferrers(world, serve, {
      count: 50,
      size: 10_000_000,
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    })
    return {
      policies: [signedBy(world.key('release'), { type: 'SigstoreBundle' })],
      resource: podOf([app]),
    }
  },
  '10 Notary envelopes of 1 MiB': (world, serve) => {
    bigReferrers(world, serve, {
      count: 10,
      size: MiB,
      artifactType: 'application/vnd.cncf.notary.signature',
      mediaType: 'application/jose+json',
    })
    const { root } = world.certificateAuthority('acme')
    return {
      policies: [
        policyOf({ type: 'Notary', attestors: [{ entries: [{ certificates: { cert: root.pem ?? root } }] }] }),
      ],
      resource: podOf([app]),
    }
  },
  '304 chains of RSA-4096': (world) => {
    const image = world.image(app)
    const key = rsaKey(4096)
    const name = (id) => makeCertificate({ subject: id, key, ca: true }).name
    const root = makeCertificate({ subject: 'root', key, ca: true, keyUsage: ['keyCertSign'] })
    const trusted = makeCertificate({ subject: 'root', key: rsaKey(4096), ca: true, keyUsage: ['keyCertSign'] })
    const issuers = Array.from({ length: 8 }, (_, i) =>
      makeCertificate({
        subject: `ca ${i}`,
        key,
        issuer: { name: name(i === 7 ? 'root' : `ca ${i + 1}`), key },
        ca: true,
        keyUsage: ['keyCertSign'],
      }),
    )
    const chain = () => ({
      leaf: makeCertificate({
        subject: 'leaf',
        key,
        issuer: { name: name('ca 0'), key },
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'],
      }),
      issuers,
    })
    attach(world, image, 'sig', chainLayers(world, image, { count: 304, chain, root }))
    return { policies: [policyOf(identity(trusted.pem))], resource: podOf([app]) }
  },
  'a huge RSA exponent': (world) => {
    const images = [0, 1, 2, 3].map((i) => `registry.test/app:e${i}`)
    const modulus = BigInt(`0x${(randomBytes(512)[0] | 0x80).toString(16)}${randomBytes(511).toString('hex')}`) | 1n
    const spki = der.sequence(
      der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null()),
      der.bitString(der.sequence(der.integer(modulus), der.integer(modulus - 2n))),
    )
    const key = rsaKey(2048)
    const huge = { spki, algorithm: key.algorithm, sign: () => randomBytes(512) }
    const root = makeCertificate({ subject: 'root', key: huge, ca: true, keyUsage: ['keyCertSign'] })
    for (const reference of images) {
      const image = world.image(reference)
      const chain = () => ({
        leaf: makeCertificate({
          subject: 'leaf',
          key,
          issuer: { name: root.name, key: huge },
          keyUsage: ['digitalSignature'],
          extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'],
        }),
        issuers: [root],
      })
      attach(world, image, 'sig', chainLayers(world, image, { count: 100, chain }))
    }
    return { policies: [policyOf(identity(root.pem))], resource: podOf(images) }
  },
  'token answers of 128 KiB': (world, serve) => {
    world.image(app)
    const body = Buffer.alloc(128 * 1024 - 1, '[')
    serve(({ path, headers }) => {
      if (path.startsWith('/token')) return { status: 200, body }
      if (path.includes('/app/') && headers.authorization === undefined)
        return { status: 401, headers: { 'www-authenticate': 'Bearer realm="http://registry.test/token"' } }
      return undefined
    })
    return { policies: [signedBy(world.key('release'))], resource: podOf([app]), reviews: 50 }
  },
  'a hung repository': (world, serve) => {
    serve(({ path }) => (path.includes('/hung/') ? { hang: true } : undefined))
    return {
      policies: [signedBy(world.key('release'))],
      resource: podOf(['registry.test/hung:1', 'registry.test/hung:2']),
      reviews: 20,
      deadlineMs: 3000,
    }
  },
  '64 MiB SBOM with conditions': (world) => {
    const component = (i) => ({ name: `package-${i}`, version: '1.0.0', purl: `pkg:npm/package-${i}@1.0.0` })
    const size = JSON.stringify(component(100_000)).length + 1
    const components = Array.from({ length: Math.floor((64 * MiB) / size) }, (_, i) => component(i))
    world.image(app).attestedBy(world.key('release'), SCAN, { components })
    const conditions = [
      { key: "{{ components[?name=='log4j'] | length(@) }}", operator: 'Equals', value: 0 },
      { key: '{{ length(components) }}', operator: 'GreaterThan', value: 0 },
    ]
    return { policies: [attestedBy(world.key('release'), conditions)], resource: podOf([app]) }
  },
}
