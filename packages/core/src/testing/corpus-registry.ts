import { readFileSync } from 'node:fs'
import { createRegistryClient, type RegistryClient } from '@verify-images/registry-fetcher'

const corpus = new URL('../../../../conformance/corpus/', import.meta.url)

interface CorpusRegistry {
  readonly endpoints: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Returns the images that cosign, notation and others have signed, behind a registry on this machine. */
export async function startCorpusRegistry(): Promise<{ readonly registry: RegistryClient; close(): Promise<void> }> {
  const module = (await import(new URL('serve.mjs', corpus).href)) as { startCorpusRegistry(): Promise<CorpusRegistry> }
  const served = await module.startCorpusRegistry()
  const hosts = Object.fromEntries(Object.entries(served.endpoints).map(([host, endpoint]) => [host, { endpoint }]))
  return { registry: createRegistryClient({ hosts }), close: () => served.close() }
}

export function readCorpusText(path: string): string {
  return readFileSync(new URL(path, corpus), 'utf8')
}
