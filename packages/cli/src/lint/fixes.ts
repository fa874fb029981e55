import type { ReasonCode } from '@verify-images/core'

/** What to do about a finding, by its code. A test holds that every code of policies has one. */
const FIXES: Partial<Record<ReasonCode, string>> = {
  POLICY_YAML_INVALID: 'mend the syntax; render templates first, and write each key of an object once',
  POLICY_TOO_LARGE: 'split the file or the policy',
  POLICY_NUMBER_INEXACT: 'write the number as a string',
  POLICY_MISSING: 'put a ClusterPolicy or Policy of kyverno.io into the file',
  POLICY_OPTIONS_INVALID: 'correct the call of the parser; the policy is not at fault',
  POLICY_KIND_UNSUPPORTED:
    'write it as a ClusterPolicy or Policy of kyverno.io/v1 or v2beta1 with `verifyImages` rules',
  POLICY_FIELD_MISSING: 'add the field',
  POLICY_FIELD_INVALID: 'give the field a value of the type and range that the message names',
  POLICY_FIELD_UNKNOWN: 'correct the spelling, the letter case or the place of the field, or remove it',
  POLICY_FIELD_CONFLICT: 'keep one of the fields or names',
  POLICY_COUNT_OUT_OF_RANGE: 'choose a number in the range that the message names',
  POLICY_VARIABLE_INVALID: 'correct the variable, or define it in `context` before it is used',
  POLICY_ATTESTORS_MISSING: 'add `attestors` that say who must have signed',
  POLICY_ATTESTOR_INVALID: 'give the nested set entries that one signer can meet',
  POLICY_ENTRY_UNVERIFIABLE: 'add `attestors` or `attestations`, or set `required: false`',
  POLICY_MATCH_CONDITIONS_IGNORED: 'express the condition in `match`, `exclude` or `preconditions`',
  POLICY_RULE_UNSUPPORTED: 'nothing to do: evaluate rules of other types with Kyverno itself',
  POLICY_IMAGE_PATTERN_DOUBTFUL: 'write a reference with wildcards, such as `ghcr.io/acme/*`',
  POLICY_KIND_DOUBTFUL: 'write the kind as Kubernetes does, such as `Pod` or `Deployment`',
  POLICY_AUTOGEN_PARTIAL: 'match `Pod` alone, without names, selectors or other kinds, or write rules for controllers',
  POLICY_CONDITION_INCOMPLETE: 'add the `key` of the condition',
  POLICY_FIELD_IGNORED: 'remove it, or move it to where it has an effect',
  POLICY_VARIABLE_UNRESOLVED: "use `images.containers.<name>`, or a default: `{{ image.tag || 'none' }}`",
  POLICY_FIELD_DEPRECATED: 'use the field that replaces it',
  ATTESTOR_SET_INVALID: 'add entries, or lower `count` to at most their number',
  ATTESTOR_POLICY_INVALID: 'correct the key, certificate, expression or option that the message names',
  ATTESTOR_KEY_UNAVAILABLE: 'pass what resolves the key: the Secret with --objects, or the key itself in the policy',
  ATTESTOR_PATTERN_LITERAL: 'write `subjectRegExp` or `issuerRegExp`',
  ATTESTOR_DUPLICATE_SIGNER: 'lower `count`, or name other keys',
  ATTESTOR_ANNOTATION_MISMATCH: 'remove the annotations: attestations have none',
  ATTESTOR_TRUST_UNAVAILABLE: 'refresh the trust root with `verify-images trust refresh`',
  ATTESTOR_TRUST_STALE: 'refresh the trust root with `verify-images trust refresh`, or update verify-images',
  ATTESTOR_IDENTITY_OPEN: 'name the identity: the workflow file and the branch, or the e-mail address',
  ATTESTOR_PATTERN_UNANCHORED: 'begin the expression with `^` and end it with `$`, and escape dots',
  VERIFIER_POLICIES_EMPTY: 'add a rule with `verifyImages`',
  VERIFIER_CREDENTIALS_UNAVAILABLE: 'log in with `docker login`; `--docker-config` names the file with the credentials',
  VERIFIER_ROLES_UNAVAILABLE: 'pass --roles and --cluster-roles, or role bindings with --objects',
}

export function fixFor(code: ReasonCode): string | undefined {
  return FIXES[code]
}
