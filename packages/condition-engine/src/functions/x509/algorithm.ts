import type { DerReader } from './der-reader.ts'
import { contextTag, DerReader as Reader, rightAligned, TAG, X509Fault } from './der-reader.ts'

interface AlgorithmIdentifier {
  readonly oid: string
  /** The DER of the parameters; empty if there are none. */
  readonly parameters: Buffer
}

/** Numbers of Go's `x509.SignatureAlgorithm`; what is not here is 0. */
const SIGNATURE_ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ['1.2.840.113549.1.1.4', 2],
  ['1.2.840.113549.1.1.5', 3],
  ['1.3.14.3.2.29', 3],
  ['1.2.840.113549.1.1.11', 4],
  ['1.2.840.113549.1.1.12', 5],
  ['1.2.840.113549.1.1.13', 6],
  ['1.2.840.10040.4.3', 7],
  ['2.16.840.1.101.3.4.3.2', 8],
  ['1.2.840.10045.4.1', 9],
  ['1.2.840.10045.4.3.2', 10],
  ['1.2.840.10045.4.3.3', 11],
  ['1.2.840.10045.4.3.4', 12],
  ['1.3.101.112', 16],
])
const RSA_PSS = '1.2.840.113549.1.1.10'
/** Hash of PSS → salt length and number. */
const PSS: ReadonlyMap<string, readonly [saltLength: bigint, algorithm: number]> = new Map([
  ['2.16.840.1.101.3.4.2.1', [32n, 13]],
  ['2.16.840.1.101.3.4.2.2', [48n, 14]],
  ['2.16.840.1.101.3.4.2.3', [64n, 15]],
])
const MGF1 = '1.2.840.113549.1.1.8'
const RSA = '1.2.840.113549.1.1.1'
const ED25519 = '1.3.101.112'
const NULL = Buffer.of(5, 0)

/** The algorithm identifier inside a sequence that was entered. */
export function readAlgorithm(reader: DerReader): AlgorithmIdentifier {
  const oid = reader.readObjectIdentifier('algorithm identifier').join('.')
  return { oid, parameters: reader.isEmpty ? Buffer.alloc(0) : reader.readAny('parameters').whole }
}

export function signatureAlgorithmNumber({ oid, parameters }: AlgorithmIdentifier): number {
  if (oid === RSA_PSS) return pssNumber(parameters)
  if (oid === ED25519 && parameters.length > 0) return 0
  return SIGNATURE_ALGORITHMS.get(oid) ?? 0
}

/** PSS counts as known only with the same hash twice, a salt as long as it, and the usual trailer. */
function pssNumber(parameters: Buffer): number {
  try {
    const reader = new Reader(parameters).enter(TAG.sequence, 'PSS parameters')
    const hash = readAlgorithm(explicit(reader, 0).enter(TAG.sequence, 'PSS hash'))
    const generator = readAlgorithm(explicit(reader, 1).enter(TAG.sequence, 'PSS generator'))
    const generatorHash = readAlgorithm(new Reader(generator.parameters).enter(TAG.sequence, 'PSS generator hash'))
    const salt = explicit(reader, 2).readInteger('PSS salt')
    const trailer = reader.isNext(contextTag(3, true)) ? explicit(reader, 3).readInteger('PSS trailer') : 1n
    const usual =
      generator.oid === MGF1 &&
      generatorHash.oid === hash.oid &&
      isNullOrNone(hash) &&
      isNullOrNone(generatorHash) &&
      trailer === 1n
    const [saltLength, algorithm] = PSS.get(hash.oid) ?? [0n, 0]
    return usual && salt === saltLength ? algorithm : 0
  } catch (error) {
    if (error instanceof X509Fault) return 0
    throw error
  }
}

function explicit(reader: DerReader, number: number): DerReader {
  return reader.enter(contextTag(number, true), 'PSS parameters')
}

function isNullOrNone({ parameters }: AlgorithmIdentifier): boolean {
  return parameters.length === 0 || parameters.equals(NULL)
}

export interface RsaKey {
  readonly modulus: bigint
  readonly exponent: bigint
}

/**
 * The RSA key of a SubjectPublicKeyInfo.
 *
 * @throws X509Fault for a key of any other algorithm, which the original does not decode either
 */
export function readRsaKey(info: Buffer): RsaKey {
  const reader = new Reader(info).enter(TAG.sequence, 'spki')
  const { oid, parameters } = readAlgorithm(reader.enter(TAG.sequence, 'public key algorithm identifier'))
  const bits = reader.readBitString('subjectPublicKey')
  if (oid !== RSA) throw new X509Fault('certificate should use rsa algorithm')
  if (!parameters.equals(NULL)) throw new X509Fault('x509: RSA key missing NULL parameters')
  const outer = new Reader(rightAligned(bits))
  const key = outer.enter(TAG.sequence, 'RSA public key')
  const modulus = key.readInteger('RSA modulus')
  const exponent = key.readInteger('RSA public exponent')
  if (modulus <= 0n || exponent <= 0n) throw new X509Fault('x509: RSA modulus or exponent is not a positive number')
  if (!outer.isEmpty || bits.unusedBits !== 0 || exponent > 0x7fff_ffffn)
    throw new X509Fault('failed to parse subject public key info')
  return { modulus, exponent }
}
