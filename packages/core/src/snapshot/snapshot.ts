import { access, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyResolver } from '@verify-images/attestor-evaluator'
import {
  aBoolean,
  digestAlgorithm,
  digestHex,
  isObject,
  parseStrictJson,
  type Digest,
  type OptionTable,
} from '@verify-images/primitives'
import {
  anonymous,
  createRecordingClient,
  createReplayClient,
  type CredentialProvider,
  type RecordedAnswer,
  type RegistryClient,
} from '@verify-images/registry-fetcher'
import { verifyAll, type RunResult, type VerifyAllOptions } from '../engine/verify-all.ts'
import type { KubernetesReader } from '../kubernetes.ts'
import { LIMITS } from '../limits.ts'
import type { Settings } from '../settings.ts'
import { checkOptions, VerifierError } from '../verifier-error.ts'
import { decodeLookUps, recordKeys, recordReader, replayKeys, replayReader, type LookUps } from './lookups.ts'

const SNAPSHOT_FILE = 'verify-images-snapshot.json'

/**
 * Verifies in one run, and writes everything that the run read into a folder: an OCI image layout with the manifests,
 * signatures and referrers, and a file with the clock and the look-ups. No value of a Secret is written.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID if the folder has a snapshot already
 */
export async function writeSnapshot(
  settings: Settings,
  items: Iterable<object | string> | AsyncIterable<object | string>,
  folder: string,
  options: VerifyAllOptions,
): Promise<readonly RunResult[]> {
  await refuseExisting(folder)
  const answers = new Map<string, RecordedAnswer>()
  const lookUps: LookUps = new Map()
  let now: Date | undefined
  const recording: Settings = {
    ...settings,
    registry: createRecordingClient(settings.registry, {
      answers,
      keep: (digest, bytes) => keep(folder, digest, bytes),
    }),
    clock: () => (now = settings.clock()),
    kubernetes: settings.kubernetes && recordReader(settings.kubernetes, lookUps),
    keys: settings.keys && recordKeys(settings.keys, lookUps),
  }
  const results: RunResult[] = []
  for await (const result of verifyAll(recording, items, options)) results.push(result)
  await writeJson(folder, 'oci-layout', { imageLayoutVersion: '1.0.0' })
  await writeJson(folder, 'index.json', indexOf([...answers.values()]))
  await writeJson(folder, SNAPSHOT_FILE, {
    version: 1,
    clock: now?.toISOString() ?? null,
    credentialProviders: [...settings.credentialProviders.keys()],
    hasReader: settings.kubernetes !== undefined,
    lookUps: [...lookUps].map(([key, value]) => ({ key, ...(value === undefined ? {} : { value }) })),
    answers: [...answers.values()],
  })
  return results
}

export interface OpenSnapshotOptions {
  /**
   * Also takes the clock, the keys that policies name, and what was looked up in the cluster from the snapshot: whoever
   * wrote it can then choose the keys, so it verifies itself.
   */
  readonly trustFromSnapshot?: boolean
}

/** Options of `createImageVerifier` that evaluate from a snapshot. The trust root is never among them. */
export interface SnapshotOptions {
  readonly registry: RegistryClient
  readonly credentialProviders: Readonly<Record<string, CredentialProvider>>
  readonly clock?: () => Date
  readonly kubernetes?: KubernetesReader
  readonly keys?: KeyResolver
}

const openSnapshotOptions: OptionTable<OpenSnapshotOptions> = { trustFromSnapshot: aBoolean }

/**
 * Reads a snapshot that `verifier.snapshot` wrote. Evaluations from it use no socket.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID, RegistryError REGISTRY_RESPONSE_INVALID if it is malformed
 * @example
 * const verifier = createImageVerifier({ policies, ...(await openSnapshot('./snapshot')) })
 */
export async function openSnapshot(folder: string, options: OpenSnapshotOptions = {}): Promise<SnapshotOptions> {
  checkOptions(options, openSnapshotOptions)
  const { clock, credentialProviders, hasReader, lookUps, answers, version } = await readSnapshotFile(folder)
  if (version !== 1 || !Array.isArray(answers) || !Array.isArray(credentialProviders)) throw invalidSnapshot()
  const names = credentialProviders.filter((name) => typeof name === 'string')
  const ofRegistry = {
    registry: createReplayClient(folder, answers),
    credentialProviders: Object.fromEntries(names.map((name) => [name, anonymous()])),
  }
  if (options.trustFromSnapshot !== true) return ofRegistry
  const now = new Date(typeof clock === 'string' ? clock : Number.NaN)
  if (Number.isNaN(now.getTime())) throw invalidSnapshot()
  const known = decodeLookUps(lookUps)
  return {
    ...ofRegistry,
    clock: () => now,
    keys: replayKeys(known),
    ...(hasReader === true && { kubernetes: replayReader(known) }),
  }
}

async function readSnapshotFile(folder: string): Promise<Record<string, unknown>> {
  const path = join(folder, SNAPSHOT_FILE)
  try {
    const { size } = await stat(path)
    if (size > LIMITS.snapshotBytes) throw invalidSnapshot()
    const document = parseStrictJson(await readFile(path))
    if (isObject(document)) return document
  } catch (cause) {
    if (cause instanceof VerifierError) throw cause
    throw new VerifierError('VERIFIER_OPTIONS_INVALID', `cannot read a snapshot from \`${folder}\``, { cause })
  }
  throw invalidSnapshot()
}

function invalidSnapshot(): VerifierError {
  return new VerifierError('VERIFIER_OPTIONS_INVALID', 'invalid snapshot: expected what `verifier.snapshot` wrote')
}

async function refuseExisting(folder: string): Promise<void> {
  const exists = await access(join(folder, SNAPSHOT_FILE)).then(
    () => true,
    () => false,
  )
  if (exists)
    throw new VerifierError('VERIFIER_OPTIONS_INVALID', `expected a folder without a snapshot, got \`${folder}\``)
}

/** Writes content once; another evaluation may write the same at the same time. */
async function keep(folder: string, digest: Digest, bytes: Uint8Array): Promise<void> {
  const blobs = join(folder, 'blobs', digestAlgorithm(digest))
  await mkdir(blobs, { recursive: true })
  await writeFile(join(blobs, digestHex(digest)), bytes)
}

async function writeJson(folder: string, name: string, value: object): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, name), `${JSON.stringify(value)}\n`)
}

/** Returns the manifests, with the tags at which they were found, so that other tools can read the layout. */
function indexOf(answers: readonly RecordedAnswer[]): object {
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: answers.flatMap((answer) =>
      answer.kind === 'content' && answer.of === 'manifest'
        ? [
            {
              mediaType: answer.mediaType,
              digest: answer.digest,
              size: answer.size,
              ...(answer.name.includes(':')
                ? {}
                : { annotations: { 'org.opencontainers.image.ref.name': `${answer.repository}:${answer.name}` } }),
            },
          ]
        : [],
    ),
  }
}
