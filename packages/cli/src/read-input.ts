import { parseImageReference, PolicyError, type PolicyIssue } from '@verify-images/core'
import { codeOf, describeError, InputError } from './cli-error.ts'
import type { CommandIO } from './command-io.ts'
import { LIMITS } from './limits.ts'

/**
 * Reads a file and parses it.
 *
 * @throws InputError that names the file
 */
export async function readInput<T>(path: string, io: CommandIO, parse: (text: string, name: string) => T): Promise<T> {
  const name = path === '-' ? 'standard input' : path
  const text = await io.readFile(path).catch((error: unknown) => {
    if (error instanceof InputError) throw error
    throw new InputError(`${name}: ${error instanceof PolicyError ? describeError(error) : unreadable(codeOf(error))}`)
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

/** The codes of the system that a wrong path or missing rights lead to. */
const SYSTEM_TEXTS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file: a part of the path is not a folder'],
  ['EISDIR', 'expected a file, got a folder'],
  ['EACCES', 'permission denied'],
])

function unreadable(code: string): string {
  return `${code}: ${SYSTEM_TEXTS.get(code) ?? 'cannot be read'}`
}

/** Templates are rarely valid YAML. */
function hint(text: string, code: string): string {
  return code === 'POLICY_YAML_INVALID' && text.includes('{{')
    ? '; the file contains `{{`: quote it, or render the template first, for example with `helm template`'
    : ''
}

/**
 * Reads a file or standard input up to a limit.
 *
 * @throws PolicyError POLICY_TOO_LARGE, POLICY_YAML_INVALID for what is not UTF-8
 */
export async function readText(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of source) {
    length += piece.length
    if (length > LIMITS.inputBytes) throw refusal('POLICY_TOO_LARGE', `larger than ${String(LIMITS.inputBytes)} bytes`)
    pieces.push(piece)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces))
  } catch {
    throw refusal('POLICY_YAML_INVALID', 'expected UTF-8')
  }
}

/** Reads as many files, and as many characters in all, as one command line may have. */
export function boundedReader(readFile: CommandIO['readFile']): CommandIO['readFile'] {
  let inputs = 0
  let characters = 0
  return async (path) => {
    if (++inputs > LIMITS.inputs) throw refusal('POLICY_TOO_LARGE', `expected at most ${String(LIMITS.inputs)} files`)
    const text = await readFile(path)
    characters += text.length
    if (characters > LIMITS.allInputCharacters)
      throw refusal(
        'POLICY_TOO_LARGE',
        `all files together: expected at most ${String(LIMITS.allInputCharacters)} characters`,
      )
    return text
  }
}

/** Requires that a command line has no more objects and images than their verdicts fit into memory. */
export function checkCount(subjects: number): void {
  if (subjects > LIMITS.subjects)
    throw new InputError(
      `POLICY_TOO_LARGE: expected at most ${String(LIMITS.subjects)} objects and images, got ${String(subjects)}`,
    )
}

function refusal(code: PolicyIssue['code'], message: string): PolicyError {
  return new PolicyError([{ code, path: '', message }])
}

/** Formats a place in a file: name, line and column, the number of the document if there are several, and the path. */
export function placeIn(
  name: string,
  text: string,
  { line, column, path = '' }: Partial<Pick<PolicyIssue, 'line' | 'column' | 'path'>>,
): string {
  const at = line === undefined ? name : `${name}:${String(line)}:${String(column)}${documentAt(text, line)}`
  return path === '' ? at : `${at} ${path}`
}

let lastText: { readonly text: string; readonly starts: readonly number[] } | undefined

/**
 * Returns the lines, from 0, at which documents begin. Kept for the last text, because a file has up to hundreds of
 * problems.
 */
function documentStarts(text: string): readonly number[] {
  if (lastText?.text === text) return lastText.starts
  const starts: number[] = []
  let isEmpty = true
  for (const [i, content] of text.split('\n').entries()) {
    if (/^---[ \t\r]*(?:#.*)?$/.test(content)) isEmpty = true
    else if (isEmpty && /^\s*[^\s#]/.test(content)) {
      isEmpty = false
      starts.push(i)
    }
  }
  lastText = { text, starts }
  return starts
}

/**
 * Returns the number of the document that a line belongs to, empty documents not counted; empty for a file with one
 * document.
 */
function documentAt(text: string, line: number): string {
  const starts = documentStarts(text)
  const next = starts.findIndex((start) => start >= line)
  const number = next < 0 ? starts.length : next
  return starts.length < 2 ? '' : ` (document ${String(Math.max(number, 1))})`
}

/**
 * Rejects malformed image references before the first request, whether or not a policy matches them.
 *
 * @throws InputError
 */
export function checkReferences(images: readonly string[]): void {
  for (const image of images) {
    const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(image) ?? []
    if (scheme !== undefined)
      throw new InputError(
        `${image}: IMAGE_REFERENCE_INVALID: expected host/repository:tag without a scheme, got one that ` +
          `starts with \`${scheme}\``,
      )
    try {
      parseImageReference(image)
    } catch (error) {
      throw codeOf(error).startsWith('IMAGE_') ? new InputError(`${image}: ${describeError(error)}`) : error
    }
  }
}
