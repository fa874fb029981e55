import { expect, test } from 'vitest'
import { readCorpusText } from '../testing/corpus-source.ts'
import { noTrust, policyTrust, parseLogKey, parseTimestampChain } from './policy-trust.ts'
import { parseTrustedRoot } from './trusted-root.ts'

const pem = (name: string): string => readCorpusText(`registry/trust/sigstore-2/${name}`)
const general = parseTrustedRoot(readCorpusText('registry/trust/sigstore-1/trusted_root.json'))
const open = { transparencyLog: { required: true, url: '' }, certificateLog: { required: true } }

test('uses the trust root where a policy sets nothing', () => {
  expect(policyTrust(open, general)).toEqual(general)
})

test('replaces each part that a policy sets, and adds nothing of the trust root to it', () => {
  const roots = policyTrust({ ...open, roots: pem('fulcio-chain.pem') }, general)
  expect(roots.certificateAuthorities).toHaveLength(1)
  expect(roots.certificateAuthorities[0]?.roots.map(({ subject }) => subject.text).join()).toContain('sigstore-2')
  expect(roots.transparencyLogs).toEqual(general.transparencyLogs)

  const log = policyTrust(
    { ...open, transparencyLog: { ...open.transparencyLog, publicKey: pem('rekor.pub') } },
    general,
  )
  expect(log.transparencyLogs.map(({ logId }) => logId)).not.toEqual(general.transparencyLogs.map(({ logId }) => logId))
  expect(log.certificateLogs).toEqual(general.certificateLogs)

  const certificateLog = policyTrust(
    { ...open, certificateLog: { ...open.certificateLog, publicKey: pem('ctlog.pub') } },
    general,
  )
  expect(certificateLog.certificateLogs).toHaveLength(1)
  expect(certificateLog.certificateLogs).not.toEqual(general.certificateLogs)

  const clock = policyTrust({ ...open, timestampChain: pem('tsa-chain.pem') }, noTrust)
  expect(clock.timestampAuthorities).toMatchObject([
    { leaf: expect.anything(), roots: [expect.anything()], intermediates: [expect.anything()] },
  ])
})

test('identifies a log by the SHA-256 of its key', () => {
  expect(parseLogKey(readCorpusText('registry/trust/sigstore-1/rekor.pub')).logId).toBe(
    general.transparencyLogs[0]?.logId,
  )
})

test('rejects PEM of another kind and text that is not PEM', () => {
  const policyError = expect.objectContaining({ code: 'ATTESTOR_POLICY_INVALID' })
  expect(() => policyTrust({ ...open, roots: pem('rekor.pub') }, general)).toThrow(policyError)
  expect(() => policyTrust({ ...open, roots: 'x' }, general)).toThrow(policyError)
  expect(() => parseLogKey(pem('fulcio-root.pem'))).toThrow(policyError)
  expect(() =>
    parseTimestampChain(pem('tsa-leaf.pem') + readCorpusText('registry/trust/sigstore-1/tsa-leaf.pem')),
  ).toThrow(policyError)
})
