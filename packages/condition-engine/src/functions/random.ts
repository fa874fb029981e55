import { ConditionError } from '../condition-error.ts'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { LIMITS } from '../limits.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { string } from './parameter.ts'
import { compileRegex, testRegex, type Regex } from './regex.ts'

/**
 * `random(pattern)`: a string that the pattern matches. Where the pattern leaves a choice, the caller must supply
 * `random`.
 */
export const RANDOM: readonly FunctionDefinition[] = [
  define('random', [string], ([pattern], evaluation) => {
    if (pattern === '') throw evaluationError('value', 'no pattern provided')
    const perl = pattern.match(ESCAPES)?.find((token) => PERL_SYNTAX.test(token))
    if (perl !== undefined) throw evaluationError('value', `error parsing regexp: invalid escape sequence: \`${perl}\``)
    // Also refuses what the generator below would not notice, such as unbalanced brackets.
    regexOf(pattern, evaluation)
    return new Generator(pattern, evaluation).generate()
  }),
]

/** Kyverno's generator reads POSIX syntax, without these. */
const PERL_SYNTAX = /^(?:\(\?|\\[dDsSwWbBAzCpPQE])$/
/** An escape, or the start of a group with flags. */
const ESCAPES = /\\[\s\S]|\(\?/g
/** One character of a pattern: an escape, a bracket expression, or the character itself. */
const ATOM = /\\x\{[^}]*\}|\\x..|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|./suy
const REPETITION = /[*+?]|\{(\d+)(?:(,)(\d*))?\}/y
/** `*`, `+` and `{n,}` repeat at most this often. */
const MAX_REPEATS = 4_096
const PRINTABLE: readonly string[] = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i))

function regexOf(source: string, { meter }: Evaluation): Regex {
  const regex = compileRegex(source, meter)
  if ('fault' in regex) throw evaluationError('value', regex.fault)
  return regex
}

/** Parses a pattern that is known to be well-formed into functions that each generate a part. */
class Generator {
  readonly #pattern: string
  readonly #evaluation: Evaluation
  #at = 0

  constructor(pattern: string, evaluation: Evaluation) {
    this.#pattern = pattern
    this.#evaluation = evaluation
  }

  generate(): string {
    const generated = this.#alternatives()()
    this.#evaluation.meter.produce(generated.length)
    return generated
  }

  #alternatives(): () => string {
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    return () => options[this.#choose(options.length)]?.() ?? ''
  }

  #sequence(): () => string {
    const parts: (() => string)[] = []
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#pattern.charAt(this.#at)))
      parts.push(this.#repetitions(this.#take('(') ? this.#group() : this.#atom()))
    return () => this.#join(parts.length, (i) => parts[i]?.() ?? '')
  }

  #group(): () => string {
    const inner = this.#alternatives()
    this.#take(')')
    return inner
  }

  #atom(): () => string {
    const atom = this.#match(ATOM)?.[0] ?? ''
    if (atom === '^' || atom === '$') return () => ''
    const regex = regexOf(`^(?:${atom === '{' ? '\\{' : atom})$`, this.#evaluation)
    const candidates = [...new Set([...PRINTABLE, ...literalsOf(atom)])].filter((character) =>
      testRegex(regex, character, this.#evaluation.meter),
    )
    return () => candidates[this.#choose(candidates.length)] ?? ''
  }

  #repetitions(part: () => string): () => string {
    const found = this.#match(REPETITION)
    if (found === undefined) return part
    const [operator, first, comma, last] = found
    const least = first === undefined ? Number(operator === '+') : Number(first)
    const unbounded = Math.max(least, MAX_REPEATS)
    const most =
      first === undefined ? (operator === '?' ? 1 : unbounded) : comma === undefined ? least : Number(last || unbounded)
    return () => this.#join(least + this.#choose(most - least + 1), part)
  }

  #join(count: number, part: (i: number) => string): string {
    let joined = ''
    for (let i = 0; i < count; i++) {
      this.#evaluation.meter.charge(1)
      joined += part(i)
      if (joined.length > LIMITS.randomLength) throw tooLong()
    }
    return joined
  }

  #choose(options: number): number {
    const { random } = this.#evaluation.options
    if (options <= 1) return 0
    if (random === undefined) throw evaluationError('value', 'random() needs the option `random`')
    return Math.min(options - 1, Math.floor(random() * options))
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#pattern)
    if (found === null) return undefined
    this.#at = expression.lastIndex
    return found
  }

  #take(character: string): boolean {
    const found = this.#pattern.startsWith(character, this.#at)
    if (found) this.#at++
    return found
  }
}

/** Returns the characters that an atom names, for use if no printable one of ASCII fits. */
function literalsOf(atom: string): readonly string[] {
  const codePoint = /^\\x\{?([\da-fA-F]+)\}?$/.exec(atom)?.[1]
  if (codePoint !== undefined) return [String.fromCodePoint(Number.parseInt(codePoint, 16))]
  return [...atom, '\x07', '\f', '\n', '\r', '\t', '\v']
}

function tooLong(): ConditionError {
  return new ConditionError(
    'CONDITION_LIMIT_EXCEEDED',
    'limit',
    `random(): expected a result of at most ${LIMITS.randomLength} characters`,
  )
}
