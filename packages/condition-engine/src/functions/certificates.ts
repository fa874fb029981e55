import { evaluationError } from '../expression/evaluation.ts'
import type { Value } from '../expression/value.ts'
import { ConditionError } from '../condition-error.ts'
import { LIMITS } from '../limits.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { text } from './parameter.ts'
import { certificateRequestJson } from './x509/certificate-request.ts'
import { certificateJson } from './x509/certificate.ts'
import { X509Fault } from './x509/der-reader.ts'
import { firstPemBlock } from './x509/pem-block.ts'

/** Certificates and certificate requests with RSA keys, as the JSON Go makes of them. */
export const CERTIFICATES: readonly FunctionDefinition[] = [
  define('x509_decode', [text], ([pem], { meter }) => {
    if (pem.length > LIMITS.certificateLength) {
      throw new ConditionError(
        'CONDITION_LIMIT_EXCEEDED',
        'limit',
        `certificates have at most ${LIMITS.certificateLength} characters`,
      )
    }
    meter.charge(pem.length)
    meter.produce(4 * pem.length)
    return decode(pem)
  }),
]

function decode(pem: string): Value {
  const block = firstPemBlock(pem)
  if (block === undefined) throw evaluationError('value', 'failed to decode PEM block')
  try {
    if (block.type === 'CERTIFICATE') return certificateJson(block.bytes)
    if (block.type === 'CERTIFICATE REQUEST') return certificateRequestJson(block.bytes)
  } catch (error) {
    if (error instanceof X509Fault) throw evaluationError('value', error.message)
    throw error
  }
  throw evaluationError('value', 'PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST')
}
