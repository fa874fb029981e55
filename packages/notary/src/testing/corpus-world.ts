import { readFileSync } from 'node:fs'
import { attestorOptions } from '@verify-images/attestor-evaluator'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'
import type { ArtifactSource, AttestorOptions, ImageSubject, VerificationRun } from '@verify-images/attestor-evaluator'
import { createRegistryClient } from '@verify-images/registry-fetcher'
import { parseDigest } from '@verify-images/primitives'

const corpus = new URL('../../../../conformance/corpus/', import.meta.url)

interface CorpusRegistry {
  readonly endpoints: Readonly<Record<string, string>>
  readonly requests: readonly { readonly method: string; readonly path: string }[]
  close(): Promise<void>
}

/** Parts of the honest answer that a test replaces. */
export interface Fault {
  readonly status?: number
  readonly body?: string
  readonly reset?: boolean
}

export interface CorpusWorld {
  readonly requests: CorpusRegistry['requests']
  /** Where the hosts of the corpus are, for the registry client. */
  readonly hosts: Readonly<Record<string, { readonly endpoint: string }>>
  source(): ArtifactSource
  close(): Promise<void>
}

/** Starts the signed images of the corpus behind a real registry on this machine, read by the real client. */
export async function startCorpusWorld(
  faults?: (request: { readonly path: string; readonly method: string }) => Fault | undefined,
): Promise<CorpusWorld> {
  const module = (await import(new URL('serve.mjs', corpus).href)) as {
    startCorpusRegistry(options: object): Promise<CorpusRegistry>
  }
  const registry = await module.startCorpusRegistry(faults ? { faults } : {})
  const hosts = Object.fromEntries(Object.entries(registry.endpoints).map(([host, endpoint]) => [host, { endpoint }]))
  const client = createRegistryClient({ hosts })
  return { requests: registry.requests, hosts, source: () => client.openSession(), close: () => registry.close() }
}

export function readCorpus(path: string): string {
  return readFileSync(new URL(path, corpus), 'utf8')
}

export function readCorpusBytes(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(path, corpus)))
}

/** Returns the certificates of the corpus that policies trust: `rsa-root`, `ec-root`, `other-root`, … */
export function certificates(name: string): string {
  return readCorpus(`registry/trust/notation/${name}.pem`)
}

/** `registry.local:5000/app:tag` as the evaluator sees it. */
export function imageOf(reference: string): ImageSubject {
  const at = reference.indexOf('@')
  if (at > 0) return { reference, repository: reference.slice(0, at), digest: parseDigest(reference.slice(at + 1)) }
  const colon = reference.lastIndexOf(':')
  return { reference, repository: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}

export function attestorWith(cert: string, certChain?: string): AttestorOptions {
  return attestorOptions(
    { type: 'Notary', mutateDigest: true, verifyDigest: true, required: true, useCache: true },
    { certificates: { cert, ...(certChain !== undefined && { certChain }) } },
    'signature',
  )
}

/** A time at which the images of the corpus are well, unless they are meant not to be. */
export const CORPUS_NOW: Date = new Date('2026-11-25T00:00:00Z')

export function runOver(source: ArtifactSource, signal: AbortSignal = AbortSignal.timeout(15_000)): VerificationRun {
  return { source, now: CORPUS_NOW, signal, memo: createVerificationMemo(), budget: createEvaluationBudget() }
}
