import { readYaml, YamlError } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'
import { tooDeep } from '../expression/evaluation.ts'
import type { Value } from '../expression/value.ts'
import { LIMITS } from '../limits.ts'
import { textOfBytes } from './byte-text.ts'

/** Comments and empty lines, followed by a tab or the end of a document that never began. */
const FALSE_START = /^(?: *(?:#.*)?\r?\n)*(?: *\t|\.\.\.(?:\s|$))/

/**
 * Parses the first document of YAML 1.1 text like `parse_yaml`: keys become strings, later keys win, dates stay
 * strings. Text without a document is null.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED for a document that is too deep or, with its aliases resolved, too
 *   large
 */
export function parseYaml(text: string): { readonly value: Value } | { readonly fault: string } {
  const document = firstDocument(text.startsWith('\uFEFF') ? text.slice(1) : text)
  if (FALSE_START.test(document)) return { fault: 'yaml: did not find expected node content' }
  try {
    const [first] = readYaml(document, {
      mode: 'lenient',
      maxDepth: LIMITS.valueDepth,
      budget: { values: LIMITS.yamlValues },
      decodeBinary: (bytes) => textOfBytes(bytes).text,
    })
    return { value: first?.value ?? null }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    switch (error.kind) {
      case 'too-deep':
        throw tooDeep()
      case 'too-large':
        throw new ConditionError('CONDITION_LIMIT_EXCEEDED', 'limit', `parse_yaml(): ${error.message}`)
      case 'number-not-json':
        return { fault: `json: ${error.message}` }
      case 'invalid':
        return { fault: `yaml: ${error.message}` }
    }
  }
}

/** Returns the text before the second document, which is ignored even if it is malformed. */
function firstDocument(text: string): string {
  let started = false
  for (const line of text.matchAll(/^.*$/gm)) {
    const [content] = line
    if (started && /^(?:---|\.\.\.)(?:\s|$)/.test(content)) return text.slice(0, line.index)
    started ||= !/^(?:\s*(?:#.*)?|%.*)$/.test(content)
  }
  return text
}
