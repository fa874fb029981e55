import { ConditionError } from '../condition-error.ts'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { LIMITS } from '../limits.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { text } from './parameter.ts'
import { parsePattern, PatternFault } from './random-pattern.ts'
import type { Recipe } from './random-pattern.ts'

/** Random texts. Where the pattern leaves a choice, the caller has to hand in the chance. */
export const RANDOM: readonly FunctionDefinition[] = [
  define('random', [text], ([pattern], evaluation) => {
    if (pattern === '') throw evaluationError('value', 'no pattern provided')
    if (pattern.length > LIMITS.regexLength) throw tooLong()
    return generate(recipeOf(pattern), evaluation)
  }),
]

function recipeOf(pattern: string): Recipe {
  try {
    return parsePattern(pattern)
  } catch (error) {
    if (error instanceof PatternFault) throw evaluationError('value', error.message)
    throw error
  }
}

function tooLong(): ConditionError {
  return new ConditionError(
    'CONDITION_LIMIT_EXCEEDED',
    'limit',
    `random patterns have at most ${LIMITS.regexLength} characters and results ${LIMITS.randomLength}`,
  )
}

function generate(recipe: Recipe, evaluation: Evaluation): string {
  const parts: string[] = []
  let length = 0
  const cook = (part: Recipe): void => {
    evaluation.meter.charge(1)
    switch (part.kind) {
      case 'literal':
        length += part.text.length
        if (length > LIMITS.randomLength) throw tooLong()
        parts.push(part.text)
        return
      case 'class':
        return cook({ kind: 'literal', text: characterOf(part.ranges, evaluation) })
      case 'sequence':
        return part.parts.forEach(cook)
      case 'choice': {
        const option = part.options[choose(part.options.length, evaluation)]
        return option === undefined ? undefined : cook(option)
      }
      case 'repeat': {
        const times = part.least + choose(part.most - part.least + 1, evaluation)
        for (let time = 0; time < times; time++) cook(part.part)
      }
    }
  }
  cook(recipe)
  evaluation.meter.produce(length)
  return parts.join('')
}

function characterOf(ranges: readonly (readonly [first: number, last: number])[], evaluation: Evaluation): string {
  let at = choose(
    ranges.reduce((size, [first, last]) => size + last - first + 1, 0),
    evaluation,
  )
  for (const [first, last] of ranges) {
    if (at <= last - first) return String.fromCodePoint(first + at)
    at -= last - first + 1
  }
  return ''
}

function choose(options: number, { options: { random } }: Evaluation): number {
  if (options <= 1) return 0
  if (random === undefined) throw evaluationError('value', 'no source of randomness was given')
  return Math.min(options - 1, Math.floor(random() * options))
}
