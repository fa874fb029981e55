// An admission webhook: what the API server posts goes to the verifier, what it answers goes back.
import type { IncomingMessage, RequestListener } from 'node:http'
import type { ImageVerifier } from '@verify-images/core'

/** Objects are below 1.5 MiB in etcd; a review holds two of them. */
const MAX_BODY_BYTES = 8 * 1024 * 1024
/** Below the `timeoutSeconds` of the webhook's configuration: a late answer is none. */
const DEADLINE_MS = 8_000

/** A listener for `node:https`; the API server speaks nothing else. `log` hears what went wrong, never what is in a request. */
export function webhookHandler(verifier: ImageVerifier, log: (line: string) => void): RequestListener {
  return (request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    answerTo(request, verifier, gone.signal, log)
      .catch((error: unknown): Answer => ({
        status: error instanceof Refused ? error.status : 500,
        problem: String(error),
      }))
      .then(({ status, body = {}, problem }) => {
        if (problem !== undefined)
          log(`${String(request.method)} ${String(request.url)}: ${String(status)}: ${problem}`)
        // Anything but 200 is a failed call, which the API server treats by the webhook's failurePolicy: never as an allow of ours.
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
        // What is left of a body that was too large is passed over, so that the answer is heard; the server's requestTimeout ends it.
        request.resume()
      })
      .catch((error: unknown) => log(`an answer was not sent: ${String(error)}`))
  }
}

interface Answer {
  readonly status: number
  readonly body?: object
  readonly problem?: string
}

class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

async function answerTo(
  request: IncomingMessage,
  verifier: ImageVerifier,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Answer> {
  if (request.url === '/healthz') return { status: 200 }
  if (request.method !== 'POST') throw new Refused(405, 'a review is posted')
  const { response: body } = await verifier.review(parse(await readBody(request)), {
    signal,
    deadlineMs: DEADLINE_MS,
    onFault: (fault) => log(String(fault)),
  })
  const { uid, status } = body.response
  return {
    status: 200,
    body,
    ...(status !== undefined && status.code >= 500 ? { problem: `${uid}: ${status.message}` } : {}),
  }
}

function parse(text: string): object {
  try {
    return JSON.parse(text) as object
  } catch {
    throw new Refused(400, 'the body is no JSON')
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  // The connection has to outlive the loop, or nobody hears the answer.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > MAX_BODY_BYTES) throw new Refused(413, 'the review is too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
