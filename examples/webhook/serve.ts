// node serve.ts <policies.yaml> <folder of tls.crt and tls.key> [port]
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { webhookHandler } from './webhook.ts'

const [policies = 'policies.yaml', folder = '/etc/webhook/tls', port = '8443'] = process.argv.slice(2)
const log = (line: string): void => console.error(`${new Date().toISOString()} ${line}`)

async function certificate(): Promise<{ readonly cert: string; readonly key: string; readonly minVersion: 'TLSv1.2' }> {
  const [cert, key] = await Promise.all(['tls.crt', 'tls.key'].map((name) => readFile(join(folder, name), 'utf8')))
  return { cert: cert ?? '', key: key ?? '', minVersion: 'TLSv1.2' }
}

async function serve(): Promise<void> {
  if (!/^\d{1,5}$/.test(port)) throw new RangeError(`the port must be a number, found ${port}`)
  const verifier = createImageVerifier({
    policies: parsePolicies(await readFile(policies, 'utf8'), { source: policies }),
  })
  for (const { severity, code, source = '', line = '', path, message } of [
    ...verifier.problems,
    ...verifier.warnings,
  ]) {
    log(`${source}:${String(line)}: ${severity}: ${path}: ${code}: ${message}`)
  }
  const server = createServer(
    { ...(await certificate()), headersTimeout: 5_000, requestTimeout: 10_000 },
    webhookHandler(verifier, log),
  )
  await once(server.listen(Number(port)), 'listening')
  log(`listening on ${String((server.address() as AddressInfo).port)}`)

  // Certificates are renewed while we run.
  setInterval(() => {
    certificate()
      .then((renewed) => server.setSecureContext(renewed))
      .catch((error: unknown) => log(`the certificate was not read again: ${String(error)}`))
  }, 60_000).unref()

  // What has begun is answered, nothing new is taken, and nobody waits for a connection that will not end.
  process.once('SIGTERM', () => {
    server.close(() => log('ended'))
    setTimeout(() => server.closeAllConnections(), 10_000).unref()
  })
}

// What cannot be read ends the program: a webhook that is not there is what failurePolicy is for.
serve().catch((error: unknown) => {
  log(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
