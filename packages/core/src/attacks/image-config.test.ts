import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

/** Policies look at the config of an image by exact names; container runtimes read its fields in any letters. */
const attacked = attackedWorld()
const pod = podOf('registry.test/app:1')

async function judge(config: string): Promise<{ readonly admitted: boolean; readonly outcome: string }> {
  const { world } = attacked
  const release = world.key('release')
  world.image('registry.test/app:1').unsigned().signedBy(release)
  const document = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { ...world.registry.putBlob(config), mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: [],
  }
  world.registry.putManifest('configured', document, { tag: '1' })
  const deny = { key: "{{ data.configData.config.User || 'none' }}", operator: 'AnyIn', value: ['root', '0'] }
  const entry = signedBy([release], { validate: { message: 'no', deny: { conditions: { any: [deny] } } } })
  const context = [{ name: 'data', imageRegistry: { reference: 'registry.test/configured:1' } }]
  return attacked.judge(policyOf([entry], { rule: { context } }), pod)
}

describe('the config of an image', () => {
  test('control: the fields of an image config are read by their exact names', async () => {
    expect((await judge('{"config":{"User":"nobody","Labels":{"user":"a","User":"b"}}}')).admitted).toBe(true)
    expect((await judge('{"config":{}}')).admitted).toBe(true)
    expect(await judge('{"config":{"User":"root"}}')).toMatchObject({ admitted: false, outcome: 'rejected' })
  })

  test.each([
    ['a field in other letters', '{"config":{"user":"root"}}'],
    ['a field twice, in two cases', '{"config":{"User":"nobody","USER":"root"}}'],
    ['the same field twice', '{"config":{"User":"root","User":"nobody"}}'],
    ['another `Config` beside `config`', '{"config":{"User":"nobody"},"Config":{"User":"root"}}'],
    ['only a `Config`', '{"Config":{"User":"root"}}'],
    ['a letter that Go folds', '{"config":{"U\u017Fer":"root"}}'],
  ])('an image config with %s is refused instead of being read as another one', async (_, config) => {
    expect(await judge(config)).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  })
})
