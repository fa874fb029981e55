import { CertificateError, firstGoPemBlock, parseGoCertificate, parseGoCertificateRequest } from '@verify-images/x509'
import { evaluationError } from '../expression/evaluation.ts'
import type { Value } from '../expression/value.ts'
import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import { certificateJson, certificateRequestJson } from './certificate-json.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { string } from './parameter.ts'

/** Decodes certificates and certificate requests with RSA keys to the JSON that Go encodes them as. */
export const CERTIFICATES: readonly FunctionDefinition[] = [
  define('x509_decode', [string], ([pem], { meter }) => {
    if (pem.length > LIMITS.certificateLength) {
      throw new ConditionError(
        'CONDITION_LIMIT_EXCEEDED',
        'limit',
        `x509_decode: expected at most ${LIMITS.certificateLength} characters, got ${pem.length}`,
      )
    }
    meter.charge(pem.length)
    meter.produce(4 * pem.length)
    return decode(pem)
  }),
]

function decode(pem: string): Value {
  const block = firstGoPemBlock(pem)
  if (block === undefined) throw evaluationError('value', 'failed to decode PEM block')
  try {
    if (block.label === 'CERTIFICATE') return certificateJson(parseGoCertificate(block.bytes))
    if (block.label === 'CERTIFICATE REQUEST') return certificateRequestJson(parseGoCertificateRequest(block.bytes))
  } catch (error) {
    if (error instanceof CertificateError) throw evaluationError('value', error.message)
    throw error
  }
  throw evaluationError('value', 'PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST')
}
