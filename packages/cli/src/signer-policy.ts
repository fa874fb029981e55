import { parsePolicies, type Policy } from '@verify-images/core'
import type { TextOrPattern, SignerArguments } from './command-line/arguments.ts'
import { InputError } from './cli-error.ts'
import type { CommandIO } from './command-io.ts'
import { readInput } from './read-input.ts'

/** Returns the policy that `verify` stands for: every image must be signed, or attested, by one signer. */
export async function signerPolicy(signer: SignerArguments, io: CommandIO): Promise<readonly Policy[]> {
  const entry = await attestorEntry(signer, io)
  const attestors = [{ entries: [entry] }]
  const { attestation } = signer
  const verification = {
    imageReferences: ['*'],
    mutateDigest: true,
    ...(attestation === undefined ? { attestors } : { attestations: [{ type: attestation, attestors }] }),
  }
  const policy = {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'command-line' },
    spec: {
      validationFailureAction: 'Enforce',
      background: false,
      rules: [
        {
          name: attestation === undefined ? 'signed' : 'attested',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          verifyImages: [verification],
        },
      ],
    },
  }
  return parsePolicies(JSON.stringify(policy))
}

function requirePublicKey(text: string, name: string): string {
  if (text.includes('PRIVATE KEY'))
    throw new InputError(`${name}: ATTESTOR_POLICY_INVALID: expected a public key, got a private key`)
  if (!text.trimStart().startsWith('-----BEGIN PUBLIC KEY-----'))
    throw new InputError(`${name}: ATTESTOR_POLICY_INVALID: expected a public key in PEM (-----BEGIN PUBLIC KEY-----)`)
  return text
}

async function attestorEntry(signer: SignerArguments, io: CommandIO): Promise<object> {
  const { identity, issuer, key, ignoreTransparencyLog, ignoreCertificateLog } = signer
  const rekor = { url: 'https://rekor.sigstore.dev', ...(ignoreTransparencyLog ? { ignoreTlog: true } : {}) }
  const logs = { rekor, ...(ignoreCertificateLog ? { ctlog: { ignoreSCT: true } } : {}) }
  if (key !== undefined) {
    // A reference to a Secret or a KMS key stands for itself; everything else is a file.
    const publicKeys = /^[a-z0-9]+:\/\//.test(key) ? key : await readInput(key, io, requirePublicKey)
    return { keys: { publicKeys, ...logs } }
  }
  return {
    keyless: {
      ...(identity === undefined ? {} : expectedName('subject', identity)),
      ...(issuer === undefined ? {} : expectedName('issuer', issuer)),
      ...logs,
    },
  }
}

/**
 * Returns the field for a name in a certificate. As in cosign, a name without `-regexp` is literal, while `*` and `?` in the
 * field of a policy are wildcards.
 */
function expectedName(field: 'subject' | 'issuer', { value, isPattern }: TextOrPattern): object {
  if (isPattern) return { [`${field}RegExp`]: value }
  return /[*?]/.test(value)
    ? { [`${field}RegExp`]: `^${value.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}$` }
    : { [field]: value }
}
