import { digestHex, digestOf, isJsonObject, printableText, type JsonObject } from '@verify-images/primitives'
import type { ClusterClient } from './cluster-client.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { EVENT_WRITE_MS, MAX_EVENT_NOTE, MAX_EVENTS } from './limits.ts'
import type { BrokenDocument } from './policy-feed.ts'

/**
 * Creates a writer of Events, which `kubectl describe` shows beside a broken policy. One Event per version of a policy:
 * replicas and restarts write the same name.
 */
export function createEventWriter(
  client: ClusterClient,
  find: (source: string) => JsonObject | undefined,
): (broken: readonly BrokenDocument[]) => Promise<void> {
  return async (broken) => {
    for (const { source, message } of broken.slice(0, MAX_EVENTS)) {
      const object = find(source)
      if (object === undefined) continue
      const event = eventOf(object, message)
      const path = `/apis/events.k8s.io/v1/namespaces/${event.metadata.namespace}/events`
      await client.send({ method: 'POST', path, body: event }, AbortSignal.timeout(EVENT_WRITE_MS)).catch(ignore)
    }
  }
}

/** An Event that exists already, or a missing permission to write it, must not stop the webhook. */
function ignore(error: unknown): void {
  if (!(error instanceof KubernetesError) && !(error instanceof DOMException)) throw error
}

interface PolicyEvent extends JsonObject {
  readonly metadata: { readonly name: string; readonly namespace: string }
}

function eventOf(object: JsonObject, message: string): PolicyEvent {
  const { apiVersion = '', kind = '' } = object
  const { name, namespace, uid, resourceVersion } = isJsonObject(object['metadata']) ? object['metadata'] : {}
  const version = digestHex(digestOf(Buffer.from(JSON.stringify([uid, resourceVersion])))).slice(0, 16)
  const inNamespace = typeof namespace === 'string' ? { namespace } : {}
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `verify-images.${version}`, namespace: inNamespace.namespace ?? 'default' },
    eventTime: new Date().toISOString().replace('Z', '000Z'),
    reportingController: 'verify-images.io/webhook',
    reportingInstance: 'verify-images',
    action: 'Compile',
    reason: 'PolicyBroken',
    type: 'Warning',
    note: printableText(`not in use: ${message}`, MAX_EVENT_NOTE),
    regarding: {
      ...{ apiVersion, kind, name: name ?? '', uid: uid ?? '', resourceVersion: resourceVersion ?? '' },
      ...inNamespace,
    },
  }
}
