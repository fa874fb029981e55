// An admission webhook as a part of a Fastify application. Fastify sends a Response as it is; a Request has to be made.
import type { ImageVerifier } from '@verify-images/core'
import { createWebhookHandler, DEFAULT_WEBHOOK_LIMITS } from '@verify-images/webhook'
import Fastify, { type FastifyInstance } from 'fastify'

export interface ServeOptions {
  readonly verifier: ImageVerifier
  /** In PEM. */
  readonly tls: { readonly key: string; readonly cert: string }
  readonly port: number
}

/** Resolves to the application once it listens. */
export async function serveWithFastify({ verifier, tls, port }: ServeOptions): Promise<FastifyInstance> {
  const { handle } = createWebhookHandler({ verifier })
  // Fastify's own limit is smaller than the reviews that an API server sends.
  const app: FastifyInstance = Fastify({ https: tls, bodyLimit: DEFAULT_WEBHOOK_LIMITS.bodyBytes })
  // The handler parses the body itself, with limits on its depth and its tokens.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  app.get('/about', () => 'the other routes of the application')
  app.all<{ Body: Buffer | undefined }>('/*', ({ url, method, body }, reply) => {
    const sent = body === undefined ? { method } : { method, body: new Uint8Array(body) }
    return handle(new Request(new URL(url, 'https://webhook'), sent)).then((response) => reply.send(response))
  })
  await app.listen({ port })
  return app
}
