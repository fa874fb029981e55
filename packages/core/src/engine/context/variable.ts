import { ConditionError, search } from '@verify-images/condition-engine'
import type { Json } from '@verify-images/primitives'
import { fillIn, type EntryTask } from './entry-fields.ts'
import { messageOf } from '../fault.ts'

/**
 * A value, an expression over it or over the context, and what stands in when the expression fails.
 *
 * A path that selects null from a given value is a result; a path into the context that selects null is not, and the
 * default stands in.
 */
export async function variable(task: EntryTask): Promise<Json> {
  const {
    entry: { name, variable: source = {} },
  } = task
  const path = source.jmesPath ? await fillIn(task, source.jmesPath) : ''
  if (typeof path !== 'string') throw new Error(`jmespath value must be a string ${name} ${source.jmesPath ?? ''}`)
  const fallback = source.default === undefined ? null : await fillIn(task, source.default)
  const value = source.value === undefined ? undefined : await fillIn(task, source.value)
  const result = path === '' ? (value ?? fallback) : await selected(task, path, value, fallback)
  if (result === null) throw new Error(`failed to add context entry for variable ${name} since it evaluated to nil`)
  return result
}

async function selected(
  { earlier, engine }: EntryTask,
  path: string,
  value: Json | undefined,
  fallback: Json,
): Promise<Json> {
  try {
    if (value !== undefined) return search(path, value, engine)
    return (await earlier.evaluate((context) => context.query(path))) ?? fallback
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    if (fallback !== null) return fallback
    // Upstream's text, which never knows the value.
    throw new Error(`failed to apply jmespath ${path} to variable <nil>: ${messageOf(error)}`, { cause: error })
  }
}
