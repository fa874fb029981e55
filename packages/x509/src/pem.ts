import { decodeCanonicalBase64, decodeGoBase64 } from '@verify-images/primitives'
import { CertificateError } from './certificate-error.ts'
import { MAX_PEM_BLOCKS, MAX_PEM_LENGTH } from './limits.ts'
import { shown } from './message-text.ts'

export interface PemBlock {
  readonly label: string
  readonly bytes: Uint8Array
}

export interface PemOptions {
  /** The labels that may occur; a block with another label is rejected. */
  readonly labels: readonly string[]
  readonly maxBlocks?: number | undefined
  /** Text before, between and after the blocks; `openssl` writes some. */
  readonly surroundingText?: 'ignore' | 'refuse' | undefined
}

const BEGIN = '-----BEGIN '
const END = '-----END '

/**
 * Parses all blocks of a PEM text; there must be at least one.
 *
 * Like Go's encoding/pem, it accepts any line length, CR LF and spaces at line ends. Unlike it, a block that is broken,
 * has headers or another label is an error: Go skips it silently, so that a block decides that the author did not
 * intend.
 *
 * @throws CertificateError CERTIFICATE_PEM_INVALID, CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 7468
 */
export function readPem(text: string, options: PemOptions): readonly [PemBlock, ...PemBlock[]] {
  const maxBlocks = options.maxBlocks ?? MAX_PEM_BLOCKS
  if (text.length > MAX_PEM_LENGTH)
    throw new CertificateError(
      'CERTIFICATE_LIMIT_EXCEEDED',
      `PEM: expected at most ${MAX_PEM_LENGTH} characters, got ${text.length}`,
    )

  const blocks: PemBlock[] = []
  let open: { readonly label: string; readonly lines: string[] } | undefined
  for (const rawLine of text.replaceAll('\r\n', '\n').split('\n')) {
    const line = withoutTrailingBlanks(rawLine)
    if (line.startsWith(BEGIN)) {
      if (open) throw invalid(`\`${shown(open.label)}\` has no end line`)
      if (blocks.length >= maxBlocks)
        throw new CertificateError('CERTIFICATE_LIMIT_EXCEEDED', `PEM: expected at most ${maxBlocks} blocks`)
      open = { label: labelOf(line, BEGIN, options.labels), lines: [] }
    } else if (line.startsWith(END)) {
      if (!open) throw invalid('expected a begin line before the end line')
      if (labelOf(line, END, options.labels) !== open.label)
        throw invalid('expected the same label in the begin and end lines')
      blocks.push({ label: open.label, bytes: decodeBase64(open.lines.join('')) })
      open = undefined
    } else if (open) open.lines.push(line)
    else if (line.includes('-----BEGIN') || line.includes('-----END'))
      throw invalid('expected a begin or end line at the start of its line')
    else if (options.surroundingText === 'refuse' && line !== '') throw invalid('expected no text outside of a block')
  }
  if (open) throw invalid(`\`${shown(open.label)}\` has no end line`)
  const [first, ...rest] = blocks
  if (!first) throw invalid(`expected a block ${options.labels.join(' or ')}`)
  return [first, ...rest]
}

function labelOf(line: string, prefix: string, labels: readonly string[]): string {
  if (!line.endsWith('-----') || line.length < prefix.length + 5)
    throw invalid('expected a begin or end line to end with five dashes')
  const label = line.slice(prefix.length, -5)
  if (!labels.includes(label)) throw invalid(`expected a block ${labels.join(' or ')}, got \`${shown(label)}\``)
  return label
}

/** A loop rather than a regular expression: a line of a million blanks is linear. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--
  return line.slice(0, end)
}

function decodeBase64(text: string): Uint8Array {
  const bytes = decodeCanonicalBase64(text.replace(/[ \t\r]/g, ''))
  if (bytes === undefined || bytes.length === 0) throw invalid('expected base64 in the body')
  return Uint8Array.from(bytes)
}

function invalid(problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_PEM_INVALID', `PEM: ${problem}`)
}

/**
 * Returns the first sound PEM block as Go's encoding/pem does: text around blocks, headers and broken blocks are
 * skipped. For showing only; {@link readPem} is for everything that decides.
 *
 * @see Go, encoding/pem: Decode
 */
export function firstGoPemBlock(text: string): PemBlock | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, '').trimEnd())
  let begin: number | undefined
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(BEGIN)) begin = at
    if (!line.startsWith(END) || begin === undefined) continue
    const block = readGoBlock(lines.slice(begin, at + 1))
    if (block !== undefined) return block
    begin = undefined
  }
  return undefined
}

function readGoBlock(lines: readonly string[]): PemBlock | undefined {
  const label = (lines[0] ?? '').slice(BEGIN.length, -5)
  if (!lines[0]?.endsWith('-----') || lines.at(-1) !== `${END}${label}-----`) return undefined
  const body = lines.slice(1, -1)
  const headers = body.findIndex((line) => !line.includes(':'))
  const bytes = decodeGoBase64((headers < 0 ? [] : body.slice(headers)).join('').replace(/[ \t]/g, ''))
  return bytes && { label, bytes: Uint8Array.from(bytes) }
}
