import { PolicyError, VerifierError } from '@verify-images/core'
import { InputError } from './cli-error.ts'
import type { CommandIO } from './command-io.ts'
import { readInput } from './read-input.ts'

/** Reads and parses all files that paths, folders and patterns name, in their order. */
export async function readEach<T>(
  paths: readonly string[],
  io: CommandIO,
  parse: (text: string, name: string) => readonly T[],
): Promise<readonly T[]> {
  const read: (readonly T[])[] = []
  // One after the other, so that no more is read than the limits allow.
  for (const path of await expandAll(paths, io)) read.push(await readInput(path, io, parse))
  return read.flat()
}

/** @throws InputError for a folder or pattern without files: what it was meant to contain would not be verified */
export async function expandAll(paths: readonly string[], io: CommandIO): Promise<readonly string[]> {
  const files: string[] = []
  for (const path of paths) {
    const named = await io.expand(path)
    if (named.length === 0)
      throw new InputError(`${path}: ENOENT: no file matches; folders are read for .yaml, .yml and .json`)
    files.push(...named)
  }
  return files
}

/** Rejects a file without any: what it was meant to contain would silently not be verified, or not be excepted. */
export function atLeastOne<T>(what: string, read: () => readonly T[]): readonly T[] {
  const found = emptyIfMissing(read)
  if (found.length === 0)
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `expected at least one ${what}, got none`)
  return found
}

/** Returns no documents for a file without any, which is an error only where policies are read. */
export function emptyIfMissing<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'POLICY_MISSING') return []
    throw error
  }
}
