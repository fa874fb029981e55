// node serve.ts <policies.yaml> <folder of tls.crt and tls.key> [port]
import { readFile } from 'node:fs/promises'
import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { createWebhookServer, jsonLogger } from '@verify-images/webhook'

const [policies = 'policies.yaml', folder = '/etc/webhook/tls', port = '8443'] = process.argv.slice(2)
const logger = jsonLogger()
const verifier = createImageVerifier({
  policies: parsePolicies(await readFile(policies, 'utf8'), { source: policies }),
})
for (const { severity, ...problem } of [...verifier.problems, ...verifier.warnings]) logger.warn(problem, severity)

const server = createWebhookServer({ verifier, tls: { folder }, logger })
logger.info({ port: await server.listen(Number(port)) }, 'listening')
process.once('SIGTERM', () => void server.close())
