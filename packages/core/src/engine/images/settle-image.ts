import { errored, passed, type RuleResponse } from '../../kyverno/rule-response.ts'
import { asksForSomething, type EntryTask, type Verification } from './entry-task.ts'
import { digestForm } from './image-subject.ts'
import type { Mutations } from './mutations.ts'
import { pinDigest } from './pin-digest.ts'
import type { Candidate } from './rule-images.ts'
import { recordScope } from './verification-record.ts'

/** Pins the digest where the entry says so, and notes what was found out. The responses are upstream's, in its order. */
export async function settle(
  task: EntryTask,
  { image, seen }: Candidate,
  verification: Verification,
  mutations: Mutations,
): Promise<readonly RuleResponse[]> {
  const {
    entry,
    rule,
    prepared: { policy },
    source,
    evaluation: { signal },
  } = task
  const { reference } = image
  const {
    response,
    digest,
    trusted,
    shown,
    upstream,
    skippedByName,
    evidence = response?.evidence ?? [],
  } = verification
  const responses: RuleResponse[] = []
  // Upstream pins whatever the verification came to; a request that is blocked is not patched.
  const pin =
    entry.mutateDigest && verification.pins && reference.digest === ''
      ? await pinDigest(image, digest, source, signal)
      : undefined
  if (pin !== undefined && 'failure' in pin)
    responses.push(
      errored(`failed to update digest: ${pin.failure.message}`, {
        image: reference.reference,
        reasons: [pin.failure],
      }),
    )
  const pinned = pin !== undefined && 'digest' in pin ? pin : undefined
  if (pinned !== undefined) mutations.addPatch(pinned.patch)
  const mutated =
    pinned !== undefined && seen && !asksForSomething(entry)
      ? passed('mutated image digest', { image: reference.reference })
      : undefined
  // A `deny` may speak where upstream has only been pinning.
  if (response !== undefined)
    responses.push(mutated === undefined ? response : { ...response, upstream: mutated.status })
  else if (mutated !== undefined) responses.push(mutated)

  const scope = recordScope(policy.policy, rule.name)
  const name = pinned === undefined ? reference.reference : digestForm(reference, pinned.digest)
  if (skippedByName === true) mutations.record.showSkipped(reference.reference)
  if (trusted !== undefined) mutations.record.trust(scope, name, trusted)
  if (shown !== undefined) mutations.record.show(scope, name, shown)
  if (upstream !== undefined) mutations.record.assume(scope, name, upstream)
  const refused = trusted === 'fail' || responses.some(({ status }) => status === 'fail' || status === 'error')
  mutations.noteImage(
    image,
    refused ? 'failed' : trusted === 'pass' ? 'verified' : 'unchecked',
    digest ?? pinned?.digest,
    evidence,
  )
  return responses
}
