import type { Authorizer } from './authorizer.ts'
import type { Greeter } from './greeter.ts'
import { RegistryError } from './registry-error.ts'
import type { RepositoryRequest } from './repository-client.ts'
import type { Route } from './route.ts'
import type { Answer } from './send.ts'
import { ownChallenge } from './status-answer.ts'
import type { StatusAnswer } from './status-answer.ts'

export interface HiddenAnswer<T> {
  readonly sent: string | undefined
  readonly answer: StatusAnswer
  readonly attempt: (authorization: string | undefined) => Promise<Answer<T>>
  readonly request: RepositoryRequest<T>
}

/** Returns whether an answer may be different after a log-in. */
export function mayHide(answer: StatusAnswer): boolean {
  return answer.status === 403 || answer.status === 404 || (answer.status === 401 && ownChallenge(answer) === undefined)
}

/**
 * Decides what an answer means that may hide something, and repeats the request after a log-in at `/v2/` if need be.
 *
 * Some registries hide what an anonymous caller may not read with 404 and challenge at `/v2/` only, and some hide with
 * 404 what a valid credential may not read. A hidden signature is not a missing one, so a 404 counts only where the
 * credential has read a manifest of the repository.
 */
export async function settleHidden<T>(
  { sent, answer, attempt, request }: HiddenAnswer<T>,
  current: Route,
  authorizer: Authorizer,
  greeter: Greeter,
  signal: AbortSignal,
): Promise<Answer<T>> {
  if (answer.status === 404 && (await isProven(authorizer, sent, request, signal))) return answer
  let next = authorizer.current()
  if (next === sent && !authorizer.isAnswer(sent)) {
    const challenge = await greeter.challengeOf(current, signal)
    next = challenge === undefined ? undefined : await authorizer.logIn(challenge, sent, signal)
  }
  const last = next === undefined || next === sent ? answer : await attempt(next)
  if (last.kind === 'body' || last.status !== 404 || request.returnsUnproven === true) return last
  if (await isProven(authorizer, next, request, signal)) return last
  throw notBelieved(last, current)
}

/** Returns whether what was sent has read a manifest of the repository in this session, or does so now. */
async function isProven<T>(
  authorizer: Authorizer,
  sent: string | undefined,
  { proveAccess }: RepositoryRequest<T>,
  signal: AbortSignal,
): Promise<boolean> {
  if (sent === undefined || proveAccess === undefined || authorizer.isConfirmed(sent))
    return authorizer.isConfirmed(sent)
  await proveAccess(signal).catch((error: unknown) => {
    if (!(error instanceof RegistryError) || error.code !== 'REGISTRY_UNAUTHORIZED') throw error
  })
  return authorizer.isConfirmed(sent)
}

function notBelieved(answer: StatusAnswer, { host }: Route): RegistryError {
  const { method, url, status } = answer.detail
  const why =
    answer.shown === 'credential'
      ? 'its credential has read no manifest of the repository'
      : 'it asks for no credential, and one is configured'
  return new RegistryError(
    'REGISTRY_UNAUTHORIZED',
    `\`${host}\` answered ${method} ${url} with status ${status}, which may hide existing content: ${why}`,
    { status },
  )
}
