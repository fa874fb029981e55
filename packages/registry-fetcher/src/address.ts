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
 * Returns a `lookup` for sockets that only yields addresses within reach.
 *
 * It checks the address that the socket connects to, not the text of the name: names that resolve to internal
 * addresses, numbers in unusual notations and answers that change between check and connect all pass here. One address
 * out of reach refuses the name, because an honest name has no such mixture.
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
      (error: unknown) => callback(error instanceof Error ? error : new Error('the name was not resolved'), '', 0),
    )
  }
}

/** Names of this machine with any resolver, also for the `fetch` of an embedder, whose sockets we do not see. */
const THIS_MACHINE = /(?:^|\.)localhost\.?$/i

/** Checks a host that is an address: sockets do not look those up. @throws RegistryError `REGISTRY_ADDRESS_REFUSED` */
export function checkLiteralAddress(hostname: string, reach: AddressReach): void {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const refused = isIP(bare) === 0 ? reach !== 'any' && THIS_MACHINE.test(bare) : !isReachableAddress(bare, reach)
  if (refused) throw addressRefused(hostname)
}

function addressRefused(host: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ADDRESS_REFUSED',
    `\`${host}\` has an internal address; list the host under \`hosts\` to allow it`,
  )
}
