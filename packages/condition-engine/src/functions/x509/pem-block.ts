/** One block of PEM: what stands in its first line, and its bytes. */
export interface PemBlock {
  readonly type: string
  readonly bytes: Buffer
}

const BEGIN = '-----BEGIN '
const END = '-----END '
const DASHES = '-----'
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * The first sound PEM block of a text; `undefined` if there is none. What stands around blocks, and broken blocks, are
 * passed over.
 *
 * @see Go, package encoding/pem: Decode
 */
export function firstPemBlock(text: string): PemBlock | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, '').trimEnd())
  let begin: number | undefined
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(BEGIN)) begin = at
    if (!line.startsWith(END) || begin === undefined) continue
    const block = readBlock(lines.slice(begin, at + 1))
    if (block !== undefined) return block
    begin = undefined
  }
  return undefined
}

function readBlock(lines: readonly string[]): PemBlock | undefined {
  const type = (lines[0] ?? '').slice(BEGIN.length, -DASHES.length)
  if (!lines[0]?.endsWith(DASHES) || lines.at(-1) !== `${END}${type}${DASHES}`) return undefined
  const body = lines.slice(1, -1)
  const headers = body.findIndex((line) => !line.includes(':'))
  const encoded = (headers < 0 ? [] : body.slice(headers)).join('').replace(/[ \t]/g, '')
  return BASE64.test(encoded) ? { type, bytes: Buffer.from(encoded, 'base64') } : undefined
}
