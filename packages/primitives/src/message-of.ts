import { isObject } from './option-table.ts'

/** Returns the message of a caught value, which an adapter may have thrown and which need not be an Error. */
export function messageOf(error: unknown, otherwise: string = 'unknown error'): string {
  if (typeof error === 'string') return error
  const message = isObject(error) ? error['message'] : undefined
  return typeof message === 'string' ? message : otherwise
}
