import { PolicyError, type PolicyIssue } from '@verify-images/core'
import { LIMITS } from './limits.ts'

/**
 * The text of a file or of standard input, which may have no end.
 *
 * @throws PolicyError POLICY_TOO_LARGE, POLICY_YAML_INVALID for what is not UTF-8
 */
export async function readText(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of source) {
    length += piece.length
    if (length > LIMITS.inputBytes) throw refusal('POLICY_TOO_LARGE', `longer than ${String(LIMITS.inputBytes)} bytes`)
    pieces.push(piece)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces))
  } catch {
    throw refusal('POLICY_YAML_INVALID', 'this is not UTF-8')
  }
}

function refusal(code: PolicyIssue['code'], message: string): PolicyError {
  return new PolicyError([{ code, path: '', message }])
}
