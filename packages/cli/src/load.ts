import {
  createHttpRevocationChecker, createImageVerifier, createRegistryClient, dockerConfig, fixedObjects, parseExceptions, parsePolicies, PolicyError,
  readDocuments, trustedRoot,
  type CredentialProvider, type ImageVerifier, type Json, type JsonObject, type RegistryClient,
} from '@verify-images/core'
import { join } from 'node:path'
import { UsageError, type ApplyArguments, type RegistryArguments } from './arguments.ts'
import type { Surroundings } from './surroundings.ts'
import { unrollLists } from './unroll-lists.ts'

/** A verifier made of the files the command line names. */
export async function loadVerifier(given: ApplyArguments, io: Surroundings): Promise<ImageVerifier> {
  const policies = (await Promise.all(given.policies.map((path) => read(path, io, (text) => parsePolicies(text, { source: path }))))).flat()
  if (policies.length === 0) throw new UsageError('the policy files hold no ClusterPolicy or Policy')
  const exceptions = (await Promise.all(given.exceptions.map((path) => read(path, io, (text) => parseExceptions(text, { source: path }))))).flat()
  const objects = await loadObjects(given.objects, io)
  const trust = given.trustedRoot === undefined ? undefined : await read(given.trustedRoot, io, trustedRoot)
  return createImageVerifier({
    policies,
    exceptions,
    registry: await loadRegistry(given, io),
    clock: io.now,
    deadlineMs: given.deadlineMs,
    revocation: createHttpRevocationChecker(),
    ...(objects.length === 0 ? {} : { kubernetes: fixedObjects(objects) }),
    ...(trust === undefined ? {} : { trust }),
  })
}

export async function loadRegistry(given: RegistryArguments, io: Surroundings): Promise<RegistryClient> {
  const hosts = new Map<string, { endpoint?: string; insecure?: boolean }>()
  for (const host of given.insecureRegistries) hosts.set(host, { insecure: true })
  for (const [host, endpoint] of given.endpoints) hosts.set(host, { ...hosts.get(host), endpoint })
  const credentials = await loadCredentials(given.dockerConfig, io)
  return createRegistryClient({ hosts: Object.fromEntries(hosts), ...(credentials === undefined ? {} : { credentials }) })
}

/** The objects in files, in their order, and those in lists in theirs. */
export async function loadObjects(paths: readonly string[], io: Surroundings): Promise<readonly JsonObject[]> {
  const documents = (await Promise.all(paths.map((path) => read(path, io, (text) =>
    readDocuments(text, { source: path }).flatMap(({ value }) => unrollLists(value)).map((value) => ({ path, value })))))).flat()
  return documents.map(({ path, value }) => {
    if (!isObject(value)) throw new UsageError(`${path} holds something that is not a Kubernetes object`)
    return value
  })
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A named config must be there; the usual one may be missing. */
async function loadCredentials(path: string | undefined, io: Surroundings): Promise<CredentialProvider | undefined> {
  if (path !== undefined) return read(path, io, dockerConfig)
  const folder = io.environment['DOCKER_CONFIG'] ?? join(io.home, '.docker')
  const text = await io.readFile(join(folder, 'config.json')).catch(() => undefined)
  return text === undefined ? undefined : dockerConfig(text)
}

async function read<T>(path: string, io: Surroundings, parse: (text: string) => T): Promise<T> {
  const text = await io.readFile(path).catch((error: unknown) => {
    throw new UsageError(`cannot read ${path}: ${codeOf(error)}`)
  })
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(`${path} is not accepted:\n${error.issues.map((issue) => `  ${placeOf(path, issue)}: ${issue.code}: ${issue.message}`).join('\n')}`)
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function placeOf(path: string, { path: field, line, column }: PolicyError['issues'][number]): string {
  return `${path}${line === undefined ? '' : `:${String(line)}:${String(column)}`}${field === '' ? '' : ` ${field}`}`
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'it cannot be opened'
}
