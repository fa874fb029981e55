import { expressionTooLarge, syntaxError } from '../condition-error.ts'
import { type Json, parseGoInteger } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { readJson } from './json-literal.ts'
import { tokenize } from './lexer.ts'
import type { Comparison, Node, SliceParts } from './node.ts'
import { bindingPower } from './token.ts'
import type { Token, TokenKind } from './token.ts'

const IDENTITY: Node = { kind: 'identity' }

/** Tokens with a lower binding power end a projection: what follows applies to the whole projected array. */
const PROJECTION_STOP = 10

/**
 * Parses an expression with the grammar of Kyverno's fork of go-jmespath.
 *
 * @throws ConditionError CONDITION_EXPRESSION_INVALID; CONDITION_LIMIT_EXCEEDED for one that is too long or too deep
 */
export function parseExpression(text: string): Node {
  const parser = new Parser(tokenize(text))
  return parser.parse()
}

/** A Pratt parser: `#prefix` parses the start of an expression, `#infix` its continuation. */
class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): Node {
    const node = this.#expression(0)
    if (this.#kind() !== 'tEOF')
      throw syntaxError(`SyntaxError: Unexpected token at the end of the expression: ${this.#kind()}`)
    return node
  }

  #token(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'tEOF', text: '' }
  }

  #kind(ahead = 0): TokenKind {
    return this.#token(ahead).kind
  }

  #expect(kind: TokenKind): void {
    if (this.#kind() !== kind) throw syntaxError(`SyntaxError: Expected ${kind}, received: ${this.#kind()}`)
    this.#at++
  }

  #expression(power: number): Node {
    if (++this.#depth > LIMITS.expressionDepth)
      throw expressionTooLarge(`at most ${LIMITS.expressionDepth} nested levels`)
    const first = this.#token()
    this.#at++
    let node = this.#prefix(first)
    while (power < bindingPower(this.#kind())) {
      const kind = this.#kind()
      this.#at++
      node = this.#infix(kind, node)
    }
    this.#depth--
    return node
  }

  #prefix(token: Token): Node {
    switch (token.kind) {
      case 'tJSONLiteral':
        return { kind: 'literal', value: literalOf(token.text) }
      case 'tStringLiteral':
        return { kind: 'literal', value: token.text }
      case 'tUnquotedIdentifier':
        return { kind: 'field', name: token.text }
      case 'tQuotedIdentifier':
        if (this.#kind() === 'tLparen') throw syntaxError("SyntaxError: Can't have quoted identifier as function Name.")
        return { kind: 'field', name: token.text }
      case 'tStar': {
        const right = this.#kind() === 'tRbracket' ? IDENTITY : this.#projected(bindingPower('tStar'))
        return { kind: 'value-projection', left: IDENTITY, right }
      }
      case 'tFilter':
        return this.#filter(IDENTITY)
      case 'tLbrace':
        return this.#multiselectHash()
      case 'tFlatten':
        return this.#flatten(IDENTITY)
      case 'tLbracket':
        return this.#bracket(IDENTITY)
      case 'tCurrent':
        return { kind: 'current' }
      case 'tExpref':
        return { kind: 'reference', expression: this.#expression(bindingPower('tExpref')) }
      case 'tNot':
        return { kind: 'not', operand: this.#expression(bindingPower('tNot')) }
      case 'tLparen': {
        const node = this.#expression(0)
        this.#expect('tRparen')
        return node
      }
      case 'tEOF':
        throw syntaxError('SyntaxError: Incomplete expression')
      default:
        throw syntaxError(`SyntaxError: Invalid token: ${token.kind}`)
    }
  }

  #infix(kind: TokenKind, left: Node): Node {
    switch (kind) {
      case 'tDot':
        if (this.#kind() !== 'tStar') return { kind: 'chain', left, right: this.#afterDot(bindingPower('tDot')) }
        this.#at++
        return { kind: 'value-projection', left, right: this.#projected(bindingPower('tDot')) }
      case 'tPipe':
        return { kind: 'pipe', left, right: this.#expression(bindingPower(kind)) }
      case 'tOr':
        return { kind: 'or', left, right: this.#expression(bindingPower(kind)) }
      case 'tAnd':
        return { kind: 'and', left, right: this.#expression(bindingPower(kind)) }
      case 'tEQ':
      case 'tNE':
      case 'tGT':
      case 'tGTE':
      case 'tLT':
      case 'tLTE':
        return this.#comparator(kind, left)
      case 'tLparen':
        return this.#call(left)
      case 'tFilter':
        return this.#filter(left)
      case 'tFlatten':
        return this.#flatten(left)
      case 'tLbracket':
        return this.#indexOrProjection(left)
      default:
        throw syntaxError(`SyntaxError: Unexpected token: ${kind}`)
    }
  }

  #comparator(comparison: Comparison, left: Node): Node {
    return { kind: 'comparator', comparison, left, right: this.#expression(bindingPower(comparison)) }
  }

  /** Commas between arguments are optional, and one may precede the closing parenthesis. */
  #call(callee: Node): Node {
    const args: Node[] = []
    while (this.#kind() !== 'tRparen') {
      args.push(this.#expression(0))
      if (this.#kind() === 'tComma') this.#at++
    }
    this.#at++
    const name =
      callee.kind === 'field'
        ? callee.name
        : callee.kind === 'call'
          ? callee.name
          : callee.kind === 'literal'
            ? callee.value
            : undefined
    return typeof name === 'string' ? { kind: 'call', name, args } : { kind: 'call', args }
  }

  #filter(left: Node): Node {
    const condition = this.#expression(0)
    this.#expect('tRbracket')
    const right = this.#kind() === 'tFlatten' ? IDENTITY : this.#projected(bindingPower('tFilter'))
    return { kind: 'filter-projection', left, right, condition }
  }

  #flatten(left: Node): Node {
    return {
      kind: 'list-projection',
      left: { kind: 'flatten', left },
      right: this.#projected(bindingPower('tFlatten')),
    }
  }

  /** `[` at the start of an expression: an index, a slice, `[*]`, or a multi-select list. */
  #bracket(left: Node): Node {
    const starts = this.#kind()
    if (starts === 'tNumber' || starts === 'tColon' || (starts === 'tStar' && this.#kind(1) === 'tRbracket'))
      return this.#indexOrProjection(left)
    return this.#multiselectList()
  }

  #indexOrProjection(left: Node): Node {
    if (this.#kind() === 'tNumber' || this.#kind() === 'tColon') {
      if (this.#kind() === 'tColon' || this.#kind(1) === 'tColon') return this.#slice(left)
      const index = integerOf(this.#token().text)
      this.#at++
      this.#expect('tRbracket')
      return { kind: 'chain', left, right: { kind: 'index', index } }
    }
    this.#expect('tStar')
    this.#expect('tRbracket')
    return { kind: 'list-projection', left, right: this.#projected(bindingPower('tStar')) }
  }

  #slice(left: Node): Node {
    const parts: [number | undefined, number | undefined, number | undefined] = [undefined, undefined, undefined]
    for (let part = 0; this.#kind() !== 'tRbracket' && part < parts.length; this.#at++) {
      if (this.#kind() === 'tColon') part++
      else if (this.#kind() === 'tNumber') parts[part] = integerOf(this.#token().text)
      else throw syntaxError(`SyntaxError: Expected tColon or tNumber, received: ${this.#kind()}`)
    }
    this.#expect('tRbracket')
    const written: SliceParts = parts
    return {
      kind: 'list-projection',
      left: { kind: 'chain', left, right: { kind: 'slice', parts: written } },
      right: this.#projected(bindingPower('tStar')),
    }
  }

  #multiselectList(): Node {
    const items = [this.#expression(0)]
    while (this.#kind() !== 'tRbracket') {
      this.#expect('tComma')
      items.push(this.#expression(0))
    }
    this.#at++
    return { kind: 'multiselect-list', items }
  }

  /** Commas between members are optional; none may precede the closing brace. */
  #multiselectHash(): Node {
    const entries: (readonly [string, Node])[] = []
    for (;;) {
      const { kind, text } = this.#token()
      if (kind !== 'tUnquotedIdentifier' && kind !== 'tQuotedIdentifier')
        throw syntaxError('SyntaxError: Expected tQuotedIdentifier or tUnquotedIdentifier')
      this.#at++
      this.#expect('tColon')
      entries.push([text, this.#expression(0)])
      if (this.#kind() === 'tComma') this.#at++
      else if (this.#kind() === 'tRbrace') break
    }
    this.#at++
    return { kind: 'multiselect-hash', entries }
  }

  #afterDot(power: number): Node {
    const kind = this.#kind()
    if (kind === 'tQuotedIdentifier' || kind === 'tUnquotedIdentifier' || kind === 'tStar')
      return this.#expression(power)
    if (kind !== 'tLbracket' && kind !== 'tLbrace')
      throw syntaxError('SyntaxError: Expected identifier, lbracket, or lbrace')
    this.#at++
    return kind === 'tLbracket' ? this.#multiselectList() : this.#multiselectHash()
  }

  /** Parses the expression that a projection applies to each element. */
  #projected(power: number): Node {
    const kind = this.#kind()
    if (bindingPower(kind) < PROJECTION_STOP) return IDENTITY
    if (kind === 'tLbracket' || kind === 'tFilter') return this.#expression(power)
    if (kind !== 'tDot') throw syntaxError('SyntaxError: Error')
    this.#at++
    return this.#afterDot(power)
  }
}

function literalOf(text: string): Json {
  const read = readJson(text, LIMITS.valueDepth)
  if ('fault' in read) throw syntaxError(read.fault)
  return read.value
}

function integerOf(text: string): number {
  const value = parseGoInteger(text)
  if (value === undefined)
    throw syntaxError(`strconv.Atoi: parsing "${text}": ${text === '-' ? 'invalid syntax' : 'value out of range'}`)
  return Number(value)
}
