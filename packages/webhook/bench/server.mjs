// The webhook under test, in a process of its own: its CPU and memory are nobody else's. Talks to the bench by IPC.

import { createImageVerifier, createRegistryClient, parsePolicies } from '@verify-images/core'
import { createWebhookServer } from '@verify-images/webhook'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const { policy, endpoint, tls, limits } = JSON.parse(process.argv[2])
const registry = createRegistryClient({ hosts: { 'registry.test': { endpoint } } })
const verifier = createImageVerifier({ policies: parsePolicies(policy), registry })
const server = createWebhookServer({ verifier, tls, limits })
const lag = monitorEventLoopDelay({ resolution: 5 })
lag.enable()
let cpu = process.cpuUsage()

process.on('message', (message) => {
  if (message === 'begin') {
    cpu = process.cpuUsage()
    lag.reset()
  }
  if (message === 'measure') {
    globalThis.gc?.()
    const { user, system } = process.cpuUsage(cpu)
    const { rss, heapUsed } = process.memoryUsage()
    process.send({ cpuMs: (user + system) / 1000, lagP99Ms: lag.percentile(99) / 1e6, rss, heapUsed })
  }
  if (message === 'end') void server.close().finally(() => process.exit())
})
process.send({ port: await server.listen(0, '127.0.0.1') })
