import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { ImageError, parseImageReference } from '@verify-images/image-matcher'
import { ConditionError } from '../condition-error.ts'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { define, functionError } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { string } from './parameter.ts'
import { hostName, parseGoUrl, UrlFault } from './go-url.ts'

/** Functions of image references and URLs. */
export const NETWORK: readonly FunctionDefinition[] = [
  define('image_normalize', [string], ([image], evaluation) => normalizeImage(image, evaluation)),
  define('is_external_url', [string], ([url], evaluation) => isExternal(url, evaluation)),
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
    throw evaluationError('value', 'is_external_url() needs the option `resolveHost`')
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

/** The addresses that Go calls loopback or private. Link-local ones are not among them. */
const INTERNAL: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
]

/**
 * Returns whether a string is an IP address in the one form that Go reads: no short, octal or decimal forms, no zone.
 */
function isAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'))
}

/** Returns whether an address is loopback or private. An IPv4 address inside an IPv6 one counts as what it is. */
function isInternalAddress(address: string): boolean {
  const internal = new BlockList()
  for (const [network, prefix, family] of INTERNAL) internal.addSubnet(network, prefix, family)
  return internal.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
