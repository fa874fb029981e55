import { createHash } from 'node:crypto'
import { decodeGoBase64 } from '@verify-images/primitives'
import { readJson } from '../expression/json-literal.ts'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import type { Value } from '../expression/value.ts'
import { LIMITS } from '../limits.ts'
import { bytesOfText, textOfBytes } from './byte-text.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { string } from './parameter.ts'
import { parseYaml } from './parse-yaml.ts'

/** Characters that a parser or a hash reads per step. */
const READ_PER_STEP = 4

/** Functions of encodings, JSON and YAML documents, and hashes. */
export const ENCODINGS: readonly FunctionDefinition[] = [
  define('base64_encode', [string], ([subject], { meter }) => {
    const encoded = bytesOfText(subject).toString('base64')
    meter.produce(encoded.length)
    return encoded
  }),
  define('base64_decode', [string], ([subject], evaluation) => base64Decode(subject, evaluation)),
  define('parse_json', [string], ([subject], evaluation) =>
    parseDocument(subject, evaluation, (source) => readJson(source, LIMITS.valueDepth)),
  ),
  define('parse_yaml', [string], ([subject], evaluation) => parseDocument(subject, evaluation, parseYaml)),
  hash('sha256'),
  hash('sha1'),
  hash('md5'),
]

function hash(algorithm: 'sha256' | 'sha1' | 'md5'): FunctionDefinition {
  return define(algorithm, [string], ([subject], { meter }) => {
    meter.charge(subject.length / READ_PER_STEP)
    return createHash(algorithm).update(bytesOfText(subject)).digest('hex')
  })
}

/** Decodes the standard alphabet with padding; line breaks are ignored. */
function base64Decode(subject: string, evaluation: Evaluation): string {
  const bytes = decodeGoBase64(subject)
  if (bytes === undefined) {
    const encoded = subject.replace(/[\r\n]+/g, '')
    const illegal = encoded.search(/[^A-Za-z0-9+/]/)
    throw evaluationError('value', `illegal base64 data at input byte ${illegal < 0 ? encoded.length : illegal}`)
  }
  const { text: decoded, escaped } = textOfBytes(bytes)
  evaluation.meter.produce(decoded.length)
  if (escaped) evaluation.madeOpaque = true
  return decoded
}

function parseDocument(
  source: string,
  { meter }: Evaluation,
  read: (source: string) => { readonly value: Value } | { readonly fault: string },
): Value {
  meter.charge(source.length / READ_PER_STEP)
  meter.produce(source.length)
  const document = read(source.toWellFormed())
  if ('fault' in document) throw evaluationError('value', document.fault)
  return document.value
}
