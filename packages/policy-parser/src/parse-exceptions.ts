import { isJsonObject, type JsonObject, ownMember } from '@verify-images/primitives'
import { checkMetadata } from './admission/check-metadata.ts'
import { checkBlock } from './admission/check-match.ts'
import { blocksOf } from './admission/policy-view.ts'
import { isExceptionSpec } from './checked-model.ts'
import { IssueList } from './issue-list.ts'
import { itemsOf, stringAt } from './json-value.ts'
import type { AnyAllConditions, PolicyException } from './model.ts'
import { PolicyError, shown } from './policy-error.ts'
import type { PolicyIssue } from './policy-error.ts'
import { isKind } from './parse-policies.ts'
import { readDocuments } from './read-documents.ts'
import type { ReadDocumentsOptions, SourceDocument } from './read-documents.ts'
import { checkSchema } from './schema/check-schema.ts'
import { EXCEPTION_SCHEMAS } from './schema/policy-schema.ts'

/**
 * Parses the PolicyExceptions of a YAML or JSON text (kyverno.io/v2 and v2beta1), checked as by Kyverno's admission.
 *
 * Policies are skipped, see `parsePolicies`; any other kind is rejected.
 *
 * @throws PolicyError with every problem of every document
 * @see Kyverno, api/kyverno/v2: PolicyException
 */
export function parseExceptions(text: string, options: ReadDocumentsOptions = {}): readonly PolicyException[] {
  const documents = readDocuments(text, options).filter((document) => !isKind(document, ['ClusterPolicy', 'Policy']))
  const issues: PolicyIssue[] = []
  const exceptions = documents
    .map((document) => {
      const found = new IssueList(document.locate)
      const checked = checkException(document, found)
      issues.push(...found.sorted())
      return checked === undefined ? undefined : exceptionOf(checked)
    })
    .filter((exception) => exception !== undefined)
  const [first, ...rest] = issues
  if (first !== undefined) throw new PolicyError([first, ...rest], options.source)
  return exceptions
}

function checkException({ value }: SourceDocument, issues: IssueList): JsonObject | undefined {
  const version = ownMember(value, 'apiVersion')
  const schema =
    ownMember(value, 'kind') === 'PolicyException' && typeof version === 'string'
      ? EXCEPTION_SCHEMAS.get(version)
      : undefined
  if (!isJsonObject(value) || schema === undefined) {
    issues.report(
      'POLICY_KIND_UNSUPPORTED',
      [],
      `expected a PolicyException of ${[...EXCEPTION_SCHEMAS.keys()].join(', ')}, got ` +
        `${shown(ownMember(value, 'kind') ?? 'no kind')} of ${shown(version ?? 'no apiVersion')}`,
    )
    return undefined
  }
  const checked = checkSchema(value, schema, [], issues.report)
  if (!isJsonObject(checked)) return undefined
  checkMetadata(checked, issues.report)
  if (issues.sorted().length > 0) return undefined
  checkSpec(checked, issues)
  return checked
}

function checkSpec(document: JsonObject, { report }: IssueList): void {
  const spec = ownMember(document, 'spec')
  if (!isJsonObject(spec)) return
  const background = ownMember(spec, 'background') !== false
  const match = ownMember(spec, 'match')
  if (itemsOf(ownMember(match, 'any')).length > 0 && itemsOf(ownMember(match, 'all')).length > 0)
    report('POLICY_FIELD_CONFLICT', ['spec', 'match'], '`any` and `all` cannot be set together')
  for (const { block, path } of blocksOf(spec, 'match', ['spec'])) {
    checkBlock(block, path, false, report)
    const user = ['roles', 'clusterRoles', 'subjects'].find((name) => itemsOf(ownMember(block, name)).length > 0)
    if (background && user !== undefined)
      report(
        'POLICY_FIELD_CONFLICT',
        [...path, user],
        'is not allowed in background mode; set `spec.background` to false',
      )
  }
  itemsOf(ownMember(spec, 'exceptions')).forEach((exception, i) => {
    if (stringAt(exception, 'policyName') === '')
      report('POLICY_FIELD_MISSING', ['spec', 'exceptions', i, 'policyName'], 'is required')
  })
}

function exceptionOf(document: JsonObject): PolicyException {
  const metadata = ownMember(document, 'metadata')
  const spec = ownMember(document, 'spec') ?? {}
  if (!isExceptionSpec(spec)) throw new TypeError('expected a spec that the schema accepted')
  const { conditions } = spec
  return {
    name: stringAt(metadata, 'name'),
    namespace: stringAt(metadata, 'namespace') || 'default',
    background: spec.background ?? true,
    match: spec.match,
    ...(conditions === undefined || requiresNothing(conditions) ? {} : { conditions }),
    exceptions: spec.exceptions,
  }
}

/** `conditions: {}` requires nothing, as in Kyverno; an empty `any` never holds. */
function requiresNothing({ any, all = [] }: AnyAllConditions): boolean {
  return any === undefined && all.length === 0
}
