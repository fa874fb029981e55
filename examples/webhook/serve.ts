// node serve.ts [folder of tls.crt and tls.key] [port] [folder of policies; else those of the cluster]
import { KubeConfig } from '@kubernetes/client-node'
import { createArtifactCache } from '@verify-images/core'
import { clusterPolicies, folderPolicies, kubernetesReader, watchPolicies } from '@verify-images/kubernetes'
import { createWebhookServer, jsonLogger } from '@verify-images/webhook'

const [tls = '/etc/webhook/tls', port = '8443', folder] = process.argv.slice(2)
const logger = jsonLogger()
const config = new KubeConfig()
config.loadFromDefault()
const kubernetes = kubernetesReader({ config })
const from = folder === undefined ? clusterPolicies({ config }) : folderPolicies({ folder })
const cache = createArtifactCache({ maxTagAgeMs: 10_000, maxListingAgeMs: 10_000 })
const verifier = watchPolicies({ from, verifier: { kubernetes, cache }, logger })
const checks = { reader: kubernetes.readiness }
const server = createWebhookServer({ verifier, tls: { folder: tls }, checks, logger })
logger.info({ port: await server.listen(Number(port)) }, 'listening')
const end = (): void => [verifier, kubernetes].forEach((each) => each.close())
process.once('SIGTERM', () => void server.close().finally(end))
