// An admission webhook as a part of a Hono application: the handler takes and returns what Hono does.
import { serve, type ServerType } from '@hono/node-server'
import type { ImageVerifier } from '@verify-images/core'
import { createWebhookHandler } from '@verify-images/webhook'
import { Hono } from 'hono'
import { createServer } from 'node:https'

export interface ServeOptions {
  readonly verifier: ImageVerifier
  /** In PEM. */
  readonly tls: { readonly key: string; readonly cert: string }
  readonly port: number
}

/** Resolves to the server once it listens. */
export function serveWithHono({ verifier, tls, port }: ServeOptions): Promise<ServerType> {
  const { handle } = createWebhookHandler({ verifier })
  const app = new Hono()
  app.get('/about', (context) => context.text('the other routes of the application'))
  app.all('*', ({ req }) => handle(req.raw))
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, createServer, serverOptions: tls }, () => resolve(server))
  })
}
