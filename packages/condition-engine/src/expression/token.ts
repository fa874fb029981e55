/** The kinds of tokens, named as in syntax errors. */
export type TokenKind =
  | 'tUnknown'
  | 'tStar'
  | 'tDot'
  | 'tFilter'
  | 'tFlatten'
  | 'tLparen'
  | 'tRparen'
  | 'tLbracket'
  | 'tRbracket'
  | 'tLbrace'
  | 'tRbrace'
  | 'tOr'
  | 'tPipe'
  | 'tNumber'
  | 'tUnquotedIdentifier'
  | 'tQuotedIdentifier'
  | 'tComma'
  | 'tColon'
  | 'tLT'
  | 'tLTE'
  | 'tGT'
  | 'tGTE'
  | 'tEQ'
  | 'tNE'
  | 'tJSONLiteral'
  | 'tStringLiteral'
  | 'tCurrent'
  | 'tExpref'
  | 'tAnd'
  | 'tNot'
  | 'tEOF'

export interface Token {
  readonly kind: TokenKind
  /** The name, the digits, or the content without its delimiters. */
  readonly text: string
}

/**
 * How tightly a token binds to its left side. Any other token ends an expression.
 *
 * `tNot` is above `tDot`, so `!a.b` is a field of a boolean: a trap for policy authors, but that is the dialect.
 */
export const BINDING_POWER: Readonly<Partial<Record<TokenKind, number>>> = {
  tPipe: 1,
  tOr: 2,
  tAnd: 3,
  tEQ: 5,
  tLT: 5,
  tLTE: 5,
  tGT: 5,
  tGTE: 5,
  tNE: 5,
  tFlatten: 9,
  tStar: 20,
  tFilter: 21,
  tDot: 40,
  tNot: 45,
  tLbrace: 50,
  tLbracket: 55,
  tLparen: 60,
}

/** {@link BINDING_POWER}, with 0 for tokens that end an expression. */
export function bindingPower(kind: TokenKind): number {
  return BINDING_POWER[kind] ?? 0
}
