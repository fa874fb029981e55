import { createRegistryClient, type RegistryLimits } from '@verify-images/registry-fetcher'
import { createSigningWorld, type Fault, type LoggedRequest, type SigningWorld } from '@verify-images/testing'
import type { Policy } from '@verify-images/policy-parser'
import { afterEach, beforeEach } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import type { ResourceRequest } from '../request/admission-request.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

export type Options = Omit<ImageVerifierOptions, 'policies'>

export interface AttackedWorldOptions {
  /** The hosts that resolve. Default: `registry.test`. */
  readonly hosts?: readonly string[]
  readonly limits?: Partial<RegistryLimits>
}

/** A signing world per test, whose registry may answer falsely, and outside of which no host resolves. */
export interface AttackedWorld {
  readonly world: SigningWorld
  /** Asked before every answer of the registry. */
  fault: ((request: LoggedRequest) => Fault | undefined) | undefined
  /** Requests to other hosts: none of them is ever answered. */
  readonly foreign: string[]
  /** Returns the requests to the registry, with digests shortened. */
  readonly asked: () => readonly string[]
  readonly judge: (
    policies: readonly Policy[],
    resource: object,
    options?: Options,
    request?: ResourceRequest,
  ) => Promise<ResourceVerdict>
}

/** Creates the world of each test. Call it once, at the top of a test file. */
export function attackedWorld({ hosts = ['registry.test'], limits = {} }: AttackedWorldOptions = {}): AttackedWorld {
  let world: SigningWorld | undefined
  const open = (): SigningWorld => {
    if (world === undefined) throw new Error('the world exists only inside of a test')
    return world
  }
  const attacked: AttackedWorld = {
    get world() {
      return open()
    },
    fault: undefined,
    foreign: [],
    asked: () =>
      open().registry.requests.map(({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f]{64}/g, '<hex>')}`),
    judge: (policies, resource, options = {}, request = {}) => {
      const registry = createRegistryClient({
        hosts: Object.fromEntries(
          hosts.map((host) => [host, { endpoint: open().registry.endpoint, fetch: globalThis.fetch }]),
        ),
        fetch: (url) => {
          attacked.foreign.push(url)
          return Promise.reject(Object.assign(new Error('there are no other hosts'), { code: 'ENOTFOUND' }))
        },
        limits: { retryDelayMs: 1, ...limits },
      })
      return createImageVerifier({ registry, clock: open().clock, ...options, policies }).verifyResource(
        resource,
        request,
      )
    },
  }
  beforeEach(async () => {
    attacked.fault = undefined
    attacked.foreign.length = 0
    world = await createSigningWorld({ faults: (request) => attacked.fault?.(request) })
  })
  afterEach(() => world?.close())
  return attacked
}
