// An admission webhook: what the API server posts goes to the verifier, what it answers goes back.
import type { IncomingMessage, RequestListener } from 'node:http'
import type { ImageVerifier } from '@verify-images/core'

/** Objects are below 1.5 MiB in etcd; a review holds two of them. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** A listener for `node:https`; the API server speaks nothing else. */
export function webhookHandler(verifier: ImageVerifier): RequestListener {
  return (request, response) => {
    readBody(request)
      .then((body) => verifier.review(JSON.parse(body) as object))
      .then((answer) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer)))
      // No answer is a failed call, which the API server treats by the webhook's failurePolicy: never as an allow of ours.
      .catch(() => response.writeHead(400).end())
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > MAX_BODY_BYTES) throw new RangeError('the review is too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
