export type PolicyErrorCode =
  | 'POLICY_COUNT_OUT_OF_RANGE'
  | 'POLICY_FIELD_CONFLICT'
  | 'POLICY_FIELD_INVALID'
  | 'POLICY_FIELD_MISSING'
  | 'POLICY_FIELD_UNKNOWN'
  | 'POLICY_KIND_UNSUPPORTED'
  | 'POLICY_MISSING'
  | 'POLICY_NUMBER_INEXACT'
  | 'POLICY_OPTIONS_INVALID'
  | 'POLICY_TOO_LARGE'
  | 'POLICY_VARIABLE_INVALID'
  | 'POLICY_YAML_INVALID'

/** One problem of a policy and its place. */
export interface PolicyIssue {
  readonly code: PolicyErrorCode
  /** Such as `spec.rules[0].verifyImages[1].type`; empty for the document as a whole. */
  readonly path: string
  readonly message: string
  /** From 1; absent if the document was passed as an object. */
  readonly line?: number
  readonly column?: number
}

/**
 * Thrown when a text or document is rejected, with all its problems: `issues`, in text order. `code` and `message` are
 * those of the first.
 */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode
  readonly issues: readonly [PolicyIssue, ...PolicyIssue[]]
  readonly source?: string

  constructor(issues: readonly [PolicyIssue, ...PolicyIssue[]], source?: string) {
    super(describe(issues, source))
    this.code = issues[0].code
    this.issues = issues
    if (source !== undefined) this.source = source
  }
}

function describe(issues: readonly [PolicyIssue, ...PolicyIssue[]], source: string | undefined): string {
  const [first] = issues
  const place = [source, first.line, first.column].filter((part) => part !== undefined).join(':')
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return `${place}${place ? ': ' : ''}${first.path}${first.path ? ': ' : ''}${first.message}${more}`
}

const SHOWN_LENGTH = 60

/** Formats a foreign value for a message: in backticks, on one line, short. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')
  // Line breaks, control characters and text direction marks could fake other messages.
  const plain = text.slice(0, SHOWN_LENGTH * 4).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}`]/gu, '\u{FFFD}')
  return plain.length > SHOWN_LENGTH ? `\`${plain.slice(0, SHOWN_LENGTH)}…\`` : `\`${plain}\``
}
