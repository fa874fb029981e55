import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { isSpec } from './checked-model.ts'
import { findFindings } from './findings/find-findings.ts'
import { IssueList } from './issue-list.ts'
import { stringAt } from './json-value.ts'
import type { Policy } from './model.ts'
import { PolicyError } from './policy-error.ts'
import type { PolicyIssue } from './policy-error.ts'
import { readDocuments } from './read-documents.ts'
import type { ReadDocumentsOptions, SourceDocument } from './read-documents.ts'
import { checkPolicy } from './validate-policy.ts'

export interface ForeignOptions {
  /**
   * Whether objects of other API groups, such as a ConfigMap beside the policy that reads it, are an error (`refuse`,
   * the default) or left out. Other kinds of Kyverno than ClusterPolicy and Policy are always an error: what they
   * require would otherwise silently not be checked.
   */
  readonly foreign?: 'refuse' | 'skip' | undefined
}

export interface ParseOptions extends ReadDocumentsOptions, ForeignOptions {
  /** Throws for an invalid JMESPath expression. Without it expressions are not checked. */
  readonly compileExpression?: ((text: string) => unknown) | undefined
}

/**
 * Parses the ClusterPolicies and Policies of a YAML or JSON text, checked as by Kyverno's admission, with defaults.
 *
 * PolicyExceptions are skipped, see {@link parseExceptions}; any other kind is rejected. Rules that do not verify
 * images are kept in their place, unchecked; `findings` says that they are not evaluated.
 *
 * @throws PolicyError with every problem of every document
 * @see Kyverno, pkg/validation/policy
 */
export function parsePolicies(text: string, options: ParseOptions = {}): readonly Policy[] {
  const documents = readDocuments(text, options).filter(
    (document) => !isKind(document, ['PolicyException']) && !(options.foreign === 'skip' && isForeign(document.value)),
  )
  const issues: PolicyIssue[] = []
  const policies = documents
    .map((document) => {
      const found = new IssueList(document.locate)
      const checked = checkPolicy(document.value, options, found)
      issues.push(...found.sorted())
      return checked === undefined || found.sorted().length > 0 ? undefined : policyOf(checked, document)
    })
    .filter((policy) => policy !== undefined)
  const [first, ...rest] = issues
  if (first !== undefined) throw new PolicyError([first, ...rest], options.source)
  if (policies.length === 0)
    throw new PolicyError(
      [{ code: 'POLICY_MISSING', path: '', message: 'expected at least one policy, got none' }],
      options.source,
    )
  return policies
}

/** Returns whether a document is of one of these kinds of kyverno.io. */
export function isKind({ value }: SourceDocument, kinds: readonly string[]): boolean {
  return kinds.includes(stringAt(value, 'kind')) && stringAt(value, 'apiVersion').startsWith('kyverno.io/')
}

/**
 * Returns whether a value is an object of an API group that is not Kyverno's. Files of Kyverno's command line are such
 * objects.
 */
export function isForeign(value: Json): boolean {
  const [apiVersion, kind] = [stringAt(value, 'apiVersion'), stringAt(value, 'kind')]
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/', 1) : []
  const isOfKyverno = group === 'kyverno.io' || group.endsWith('.kyverno.io')
  return apiVersion !== '' && kind !== '' && (!isOfKyverno || group === 'cli.kyverno.io')
}

function policyOf(checked: JsonObject, { locate, source }: SourceDocument): Policy {
  const metadata = ownMember(checked, 'metadata')
  const kind = ownMember(checked, 'kind') === 'Policy' ? 'Policy' : 'ClusterPolicy'
  const spec = ownMember(checked, 'spec') ?? {}
  if (!isSpec(spec)) throw new TypeError('expected a spec that the schema accepted')
  const policy = {
    apiVersion: stringAt(checked, 'apiVersion'),
    kind,
    name: stringAt(metadata, 'name'),
    ...(kind === 'Policy' ? { namespace: stringAt(metadata, 'namespace') || 'default' } : {}),
    labels: stringMapOf(ownMember(metadata, 'labels')),
    annotations: stringMapOf(ownMember(metadata, 'annotations')),
    // A policy without rules is valid.
    spec: { ...spec, rules: spec.rules ?? [] },
    ...(source === undefined ? {} : { source }),
    locate,
  } as const
  return { ...policy, findings: findFindings(policy) }
}

function stringMapOf(map: Json | undefined): Readonly<Record<string, string>> {
  if (!isJsonObject(map)) return {}
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value ?? '')]))
}
