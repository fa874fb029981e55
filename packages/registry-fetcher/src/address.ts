import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { type AddressReach, isReachableAddress } from '@verify-images/primitives'
import { RegistryError } from './registry-error.ts'

export type ResolveAddresses = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

const systemResolver: ResolveAddresses = (host) =>
  new Promise((done, fail) => {
    lookup(host, { all: true, verbatim: true }, (error, addresses) => (error ? fail(error) : done(addresses)))
  })

/**
 * A `lookup` for sockets that hands on only checked addresses.
 *
 * The check is on what the socket will connect to, not on the text of the name: names that resolve inward, numbers in
 * odd notations and answers that change between check and connect all come through here. One bad address refuses
 * the name: an honest name has no mixture.
 */
export function guardedLookup(reach: AddressReach, resolve: ResolveAddresses = systemResolver): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (first === undefined) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0)
        else if (!addresses.every(({ address }) => isReachableAddress(address, reach)))
          callback(addressRefused(hostname), '', 0)
        else if (options.all === true)
          callback(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          )
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('lookup failed'), '', 0),
    )
  }
}

/** Names that mean this machine whoever resolves them, also a `fetch` of the embedder's, whose sockets are not ours. */
const THIS_MACHINE = /(?:^|\.)localhost\.?$/i

/** @throws RegistryError `REGISTRY_ADDRESS_REFUSED` for a host that is an address out of reach; sockets do not look those up */
export function checkLiteralAddress(hostname: string, reach: AddressReach): void {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const refused = isIP(bare) === 0 ? reach !== 'any' && THIS_MACHINE.test(bare) : !isReachableAddress(bare, reach)
  if (refused) throw addressRefused(hostname)
}

function addressRefused(host: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ADDRESS_REFUSED',
    `\`${host}\` is at an address inside the network, and is not among the hosts allowed by name`,
  )
}
