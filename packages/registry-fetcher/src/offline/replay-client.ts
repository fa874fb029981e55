import { createEvaluationBudget, type EvaluationBudget } from '@verify-images/primitives'
import { throwIfAborted } from '../abort.ts'
import { createAccounting } from '../accounting.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { parseManifest } from '../manifest.ts'
import type { RegistryClient } from '../registry-client.ts'
import { RegistryError } from '../registry-error.ts'
import { parseRepository } from '../repository.ts'
import type { RegistrySession } from '../session.ts'
import { openLayoutFolder, type LayoutFolder } from './layout-folder.ts'
import { decodeRecordedAnswer, questionKey, type RecordedAnswer, type RecordedQuestion } from './recorded-answer.ts'
import { viewName } from './recording-client.ts'

/**
 * Creates a client that answers what was recorded, from an OCI image layout and without a socket. What was not asked
 * then cannot be checked.
 *
 * A recording is believed like a registry: bytes must have their digests, and what they mean is verified.
 *
 * @param answers as `createRecordingClient` recorded them, perhaps from a file
 * @throws RegistryError `REGISTRY_RESPONSE_INVALID`
 */
export function createReplayClient(folder: string, answers: readonly unknown[]): RegistryClient {
  const known = new Map(
    answers.map((answer) => {
      const decoded = decodeRecordedAnswer(answer)
      return [questionKey(decoded), decoded]
    }),
  )
  const layout = openLayoutFolder(folder, DEFAULT_LIMITS.manifestBytes)
  return {
    openSession: ({ signal, budget = createEvaluationBudget() } = {}) =>
      replaySession({ known, layout, end: signal, budget }, 'client'),
    close: () => undefined,
  }
}

interface Replay {
  readonly known: ReadonlyMap<string, RecordedAnswer>
  readonly layout: LayoutFolder
  readonly end: AbortSignal | undefined
  readonly budget: EvaluationBudget
}

function replaySession(replay: Replay, view: string): RegistrySession {
  const { known, layout, end, budget } = replay
  const accounting = createAccounting(budget)

  function answerTo(
    question: Omit<RecordedQuestion, 'view'>,
    signal: AbortSignal | undefined,
  ): Exclude<RecordedAnswer, { readonly kind: 'failure' }> {
    for (const each of [end, signal]) if (each !== undefined) throwIfAborted(each)
    const { name: repository } = parseRepository(question.repository)
    const answer = known.get(questionKey({ ...question, repository, view }))
    if (answer === undefined)
      throw new RegistryError(
        'REGISTRY_UNAVAILABLE',
        `the snapshot has no answer about the ${question.of} \`${question.name}\` of \`${repository}\``,
      )
    if (answer.kind === 'failure')
      throw new RegistryError(answer.code, answer.message, { status: answer.status, detail: answer.detail })
    return answer
  }

  async function contentOf(answer: RecordedAnswer, maxBytes: number): Promise<Uint8Array> {
    if (answer.kind !== 'content') throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'invalid snapshot')
    const bytes = await layout.read(answer.digest, maxBytes)
    if (bytes === undefined)
      throw new RegistryError('REGISTRY_UNAVAILABLE', `the snapshot does not have \`${answer.digest}\``)
    accounting.forRepository(answer.repository).countBytes(bytes.length)
    return bytes
  }

  return {
    async fetchManifest(repository, reference, signal) {
      const answer = answerTo({ of: 'manifest', repository, name: reference }, signal)
      if (answer.kind === 'not-found') return { notFound: true, detail: answer.detail }
      const bytes = await contentOf(answer, DEFAULT_LIMITS.manifestBytes)
      if (answer.kind !== 'content' || (reference.includes(':') && answer.digest !== reference))
        throw new RegistryError('REGISTRY_DIGEST_MISMATCH', 'the snapshot has another manifest for the digest')
      return { digest: answer.digest, mediaType: parseManifest(bytes, answer.mediaType).mediaType, bytes }
    },
    async fetchBlob(repository, { digest, size }, maxBytes, signal) {
      const answer = answerTo({ of: 'blob', repository, name: digest }, signal)
      if (!(size <= maxBytes))
        throw new RegistryError(
          'REGISTRY_RESPONSE_TOO_LARGE',
          `the blob is too large: expected at most ${maxBytes} bytes`,
        )
      const bytes = await contentOf(answer, size)
      if (answer.kind !== 'content' || answer.digest !== digest || bytes.length !== size)
        throw new RegistryError('REGISTRY_SIZE_MISMATCH', 'the snapshot has another blob for the descriptor')
      return bytes
    },
    async listReferrers(repository, subject, signal) {
      const answer = answerTo({ of: 'listing', repository, name: subject }, signal)
      if (answer.kind === 'listing') return answer.listing
      throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'invalid snapshot')
    },
    withCredentials: (_, credentials) => replaySession(replay, viewName(credentials)),
    cost: { total: 0, byHost: {} },
    requests: [],
  }
}
