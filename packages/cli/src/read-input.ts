import { PolicyError } from '@verify-images/core'
import { codeOf, describeError, InputError } from './cli-error.ts'
import { placeIn } from './place.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * What a file holds, as `parse` reads it.
 *
 * @throws InputError naming the file, whatever is wrong with it
 */
export async function readInput<T>(
  path: string,
  io: Surroundings,
  parse: (text: string, name: string) => T,
): Promise<T> {
  const name = path === '-' ? 'standard input' : path
  const text = await io.readFile(path).catch((error: unknown) => {
    if (error instanceof InputError) throw error
    throw new InputError(
      `${name}: ${error instanceof PolicyError ? describeError(error) : `${codeOf(error)}: cannot be read`}`,
    )
  })
  try {
    return parse(text, name)
  } catch (error) {
    if (error instanceof InputError) throw error
    if (!(error instanceof PolicyError)) throw new InputError(`${name}: ${describeError(error)}`)
    throw new InputError(
      ...error.issues.map(
        (issue) => `${placeIn(name, text, issue)}: ${issue.code}: ${issue.message}${hint(text, issue.code)}`,
      ),
    )
  }
}

/** What is for a template engine is seldom YAML. */
function hint(text: string, code: string): string {
  return code === 'POLICY_YAML_INVALID' && text.includes('{{')
    ? '; `{{` stands in this text: quote it, or render the template first, as `helm template` does'
    : ''
}
