import { checkJsonShape, readWithin, type Json } from '@verify-images/primitives'
import { KubernetesError } from './kubernetes-error.ts'
import { MAX_ANSWER_DEPTH, MAX_ANSWER_TOKENS } from './limits.ts'

/**
 * Reads a response as JSON. Its size, tokens and depth are checked before anything is built.
 *
 * @param what names the response in messages
 * @throws KubernetesError KUBERNETES_ANSWER_INVALID
 */
export async function readJson(stream: AsyncIterable<Uint8Array>, what: string, maxBytes: number): Promise<Json> {
  const bytes = await readWithin(stream, maxBytes)
  if (bytes === undefined) throw invalid(`${what}: expected at most ${String(maxBytes)} bytes`)
  return parseJson(bytes, what)
}

/**
 * Parses bytes as JSON within the limits of a response.
 *
 * @throws KubernetesError KUBERNETES_ANSWER_INVALID
 */
export function parseJson(bytes: Uint8Array, what: string): Json {
  try {
    checkJsonShape(bytes, { maxTokens: MAX_ANSWER_TOKENS, maxDepth: MAX_ANSWER_DEPTH })
  } catch (cause) {
    throw invalid(`${what}: too many JSON tokens, or nested too deep`, cause)
  }
  try {
    const answer: Json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return answer
  } catch (cause) {
    throw invalid(`${what}: expected JSON`, cause)
  }
}

function invalid(message: string, cause?: unknown): KubernetesError {
  return new KubernetesError('KUBERNETES_ANSWER_INVALID', message, { cause })
}
