import { ImageError, parseImageReference } from '@verify-images/image-matcher'
import { ConditionError } from '../condition-error.ts'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { define, functionError } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { text } from './parameter.ts'
import { hostName, parseGoUrl, UrlFault } from './url/go-url.ts'
import { isAddress, isInternalAddress } from './url/ip-address.ts'

/** Functions of image references and URLs. */
export const NETWORK: readonly FunctionDefinition[] = [
  define('image_normalize', [text], ([image], evaluation) => normalizeImage(image, evaluation)),
  define('is_external_url', [text], ([url], evaluation) => isExternal(url, evaluation)),
]

function normalizeImage(image: string, { options }: Evaluation): string {
  const { defaultRegistry, enableDefaultRegistryMutation } = options
  try {
    return parseImageReference(image, {
      ...(defaultRegistry === undefined ? {} : { defaultRegistry }),
      ...(enableDefaultRegistryMutation === undefined ? {} : { enableDefaultRegistryMutation }),
    }).canonical
  } catch (error) {
    if (error instanceof ImageError) throw functionError('image_normalize', 'value', error.message)
    throw error
  }
}

/**
 * Returns false if the host, or any address of its name, is loopback or private.
 *
 * Only the caller's resolver resolves names. A later connection may still go to another address.
 */
function isExternal(url: string, { options, meter }: Evaluation): boolean {
  meter.charge(url.length)
  const host = hostOf(url)
  if (isAddress(host)) return !isInternalAddress(host)
  if (options.resolveHost === undefined)
    throw evaluationError('value', 'resolving the host name needs the option `resolveHost`')
  const addresses = resolve(options.resolveHost, host)
  if (addresses.length === 0) throw evaluationError('value', 'the host name has no addresses')
  return !addresses.some((address) => !isAddress(address) || isInternalAddress(address))
}

function hostOf(url: string): string {
  try {
    return hostName(parseGoUrl(url))
  } catch (error) {
    if (error instanceof UrlFault)
      throw evaluationError('value', `parse ${JSON.stringify(url.slice(0, 200))}: ${error.message}`)
    throw error
  }
}

function resolve(resolveHost: (host: string) => readonly string[], host: string): readonly string[] {
  try {
    return resolveHost(host)
  } catch (cause) {
    throw new ConditionError('CONDITION_EVALUATION_FAILED', 'value', 'the host name could not be resolved', { cause })
  }
}
