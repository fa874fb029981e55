import { LIMITS } from '../limits.ts'
import { shown } from '../policy-error.ts'

const TOKEN = new RegExp(
  [
    '(?<space>\\s+|//[^\\n]*)',
    '(?<text>[rRbB]{0,2}(?:"""[\\s\\S]*?"""|\'\'\'[\\s\\S]*?\'\'\'|"(?:[^"\\\\\\n]|\\\\.)*"|\'(?:[^\'\\\\\\n]|\\\\.)*\'))',
    '(?<number>0[xX][\\da-fA-F]+[uU]?|(?:\\d+\\.\\d+|\\.\\d+)(?:[eE][-+]?\\d+)?|\\d+[eE][-+]?\\d+|\\d+[uU]?)',
    '(?<name>[A-Za-z_]\\w*)',
    '(?<sign>\\|\\||&&|[=!<>]=|[-+*/%<>!?:.,()[\\]{}])',
  ].join('|'),
  'y',
)

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign' | 'end'
  readonly text: string
}

const BINARY: ReadonlySet<string> = new Set([
  '||',
  '&&',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  'in',
])
const RESERVED: ReadonlySet<string> = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
])

class CelSyntaxError extends Error {}

/** Why a text is no CEL expression; undefined for one that is. Only the syntax is looked at: no types, no names. */
export function celFault(text: string): string | undefined {
  try {
    const parser = new Parser(tokensOf(text))
    parser.expression(0)
    parser.expectEnd()
    return undefined
  } catch (error) {
    if (error instanceof CelSyntaxError) return error.message
    throw error
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at
    const groups = TOKEN.exec(text)?.groups
    if (groups === undefined) throw new CelSyntaxError(`unexpected ${shown(text.slice(at, at + 10))}`)
    at = TOKEN.lastIndex
    for (const kind of ['text', 'number', 'name', 'sign'] as const) {
      const found = groups[kind]
      if (found !== undefined) tokens.push({ kind, text: found })
    }
  }
  return tokens
}

const END: Token = { kind: 'end', text: '' }

class Parser {
  private readonly tokens: readonly Token[]
  private at = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  expression(depth: number): void {
    if (depth > LIMITS.depth) throw new CelSyntaxError(`nested deeper than ${LIMITS.depth} levels`)
    this.operand(depth)
    while (BINARY.has(this.peek().text) && this.peek().kind !== 'text') {
      this.at++
      this.operand(depth)
    }
    if (this.take('?')) {
      this.expression(depth + 1)
      this.expect(':')
      this.expression(depth + 1)
    }
  }

  expectEnd(): void {
    if (this.peek() !== END) throw this.unexpected()
  }

  private operand(depth: number): void {
    while (this.take('!') || this.take('-'));
    this.primary(depth)
    for (;;) {
      if (this.take('.')) this.selector(depth)
      else if (this.take('[')) {
        this.take('?')
        this.expression(depth + 1)
        this.expect(']')
      } else if (this.peek().text === '{' && this.peek(-1).kind === 'name') this.list('}', depth, true)
      else return
    }
  }

  private selector(depth: number): void {
    this.take('?')
    if (this.next().kind !== 'name') throw this.unexpected(-1)
    if (this.peek().text === '(') this.list(')', depth, false)
  }

  private primary(depth: number): void {
    const token = this.next()
    if (token.kind === 'text' || token.kind === 'number') return
    if (token.kind === 'name' && !RESERVED.has(token.text)) {
      if (this.peek().text === '(') this.list(')', depth, false)
    } else if (token.text === '.') this.selector(depth)
    else if (token.text === '(') {
      this.expression(depth + 1)
      this.expect(')')
    } else if (token.text === '[' || token.text === '{') {
      this.at--
      this.list(token.text === '[' ? ']' : '}', depth, token.text === '{')
    } else throw this.unexpected(-1)
  }

  /** Items between brackets; a comma may stand behind the last one, except in a call. */
  private list(close: string, depth: number, pairs: boolean): void {
    this.at++
    while (!this.take(close)) {
      this.take('?')
      this.expression(depth + 1)
      if (pairs) {
        this.expect(':')
        this.expression(depth + 1)
      }
      if (!this.take(',')) {
        this.expect(close)
        return
      }
      if (close === ')' && this.peek().text === close) throw this.unexpected()
    }
  }

  private peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? END
  }

  private next(): Token {
    return this.tokens[this.at++] ?? END
  }

  private take(sign: string): boolean {
    const found = this.peek().kind === 'sign' && this.peek().text === sign
    if (found) this.at++
    return found
  }

  private expect(sign: string): void {
    if (!this.take(sign)) throw this.unexpected()
  }

  private unexpected(ahead = 0): CelSyntaxError {
    const token = this.peek(ahead)
    return new CelSyntaxError(token === END ? 'unexpected end' : `unexpected ${shown(token.text)}`)
  }
}
