import type { Digest, ManifestNotFound, StoredManifest } from '@verify-images/primitives'
import type { RegistryClient } from '../registry-client.ts'
import { RegistryError } from '../registry-error.ts'
import { parseRepository } from '../repository.ts'
import type { RegistrySession } from '../session.ts'
import { questionKey, type RecordedAnswer, type RecordedQuestion } from './recorded-answer.ts'

/** Where a recording goes. */
export interface Recorder {
  /** By question; the first answer counts. */
  readonly answers: Map<string, RecordedAnswer>
  /** Keeps content under its digest. */
  keep(digest: Digest, bytes: Uint8Array): Promise<void>
}

/** Returns the same client, which records what its sessions answer. Credentials are recorded by their names only. */
export function createRecordingClient(client: RegistryClient, recorder: Recorder): RegistryClient {
  return {
    openSession: (options) => recordSession(client.openSession(options), 'client', recorder),
    close: () => client.close(),
  }
}

function recordSession(session: RegistrySession, view: string, recorder: Recorder): RegistrySession {
  const note = (answer: RecordedAnswer): void => {
    const key = questionKey(answer)
    if (!recorder.answers.has(key)) recorder.answers.set(key, answer)
  }
  const recorded = async <T>(
    question: RecordedQuestion,
    ask: () => Promise<T>,
    answer: (value: T) => RecordedAnswer | Promise<RecordedAnswer>,
  ): Promise<T> => {
    try {
      const value = await ask()
      note(await answer(value))
      return value
    } catch (error) {
      if (error instanceof RegistryError && !OF_ONE_EVALUATION.has(error.code)) {
        const { code, message, status, detail } = error
        note({
          ...question,
          kind: 'failure',
          code,
          message,
          ...(status !== undefined && { status }),
          ...(detail && { detail }),
        })
      }
      throw error
    }
  }
  const ask = (of: RecordedQuestion['of'], repository: string, name: string): RecordedQuestion => ({
    of,
    view,
    repository: parseRepository(repository).name,
    name,
  })
  return {
    async fetchManifest(repository, reference, signal): Promise<StoredManifest | ManifestNotFound> {
      const question = ask('manifest', repository, reference)
      return recorded(
        question,
        () => session.fetchManifest(repository, reference, signal),
        async (manifest) => {
          if ('notFound' in manifest) return { ...question, kind: 'not-found', detail: manifest.detail }
          const { digest, mediaType, bytes } = manifest
          await recorder.keep(digest, bytes)
          return { ...question, kind: 'content', digest, mediaType, size: bytes.length }
        },
      )
    },
    async fetchBlob(repository, blob, maxBytes, signal) {
      const question = ask('blob', repository, blob.digest)
      return recorded(
        question,
        () => session.fetchBlob(repository, blob, maxBytes, signal),
        async (bytes) => {
          await recorder.keep(blob.digest, bytes)
          return { ...question, kind: 'content', digest: blob.digest, size: bytes.length, mediaType: '' }
        },
      )
    },
    async listReferrers(repository, subject, signal) {
      const question = ask('listing', repository, subject)
      return recorded(
        question,
        () => session.listReferrers(repository, subject, signal),
        (listing) => ({ ...question, kind: 'listing', listing }),
      )
    },
    withCredentials: (provider, credentials) =>
      recordSession(session.withCredentials(provider, credentials), viewName(credentials), recorder),
    get cost() {
      return session.cost
    },
    get requests() {
      return session.requests
    },
  }
}

/** Names the credentials of a view. */
export function viewName({ key, insecure = false }: { readonly key: string; readonly insecure?: boolean }): string {
  return JSON.stringify([key, insecure])
}

/** Another evaluation may not have these failures. */
const OF_ONE_EVALUATION: ReadonlySet<string> = new Set(['REGISTRY_ABORTED', 'REGISTRY_LIMIT_EXCEEDED'])
